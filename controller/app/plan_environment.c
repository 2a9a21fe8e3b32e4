// SPDX-License-Identifier: GPL-3.0-or-later
/* Every variable that a phase sees, each with the reason that `capakit policy show` prints. */
#include "controller/app/plan_environment.h"

#include <jansson.h>

#include "base/mem.h"
#include "controller/app/names.h"
#include "controller/app/plan_kit.h"

#define CONTRACT "the Kit contract"

static void set_from_manifest(const struct plan_inputs *inputs, const struct plan_kit *kit,
			      const struct manifest_env *env, struct policy *policy)
{
	const char *value = env->option ? plan_option(kit, env->option) : env->value;
	auto_free char *reason = env->option ? xasprintf("the option %s", env->option)
					     : xstrdup("set by the manifest");
	auto_free char *from = plan_kit_place(inputs, kit, env->at);

	policy_from(policy, from);
	policy_set_env(policy, env->name, value ? value : "", reason);
	policy_from(policy, "");
}

void plan_environment_common(const struct plan_inputs *inputs, const struct plan_kit *kit,
			     const struct manifest_phase *phase, struct policy *policy)
{
	policy_set_env(policy, "PATH", PLAN_TOOLCHAIN ":/usr/local/bin:/usr/bin:/bin",
		       "the toolchain first, then the host's programs");
	for (size_t i = 0; i < phase->n_env; i++)
		set_from_manifest(inputs, kit, &phase->env[i], policy);
}

void plan_environment_network(const struct plan_inputs *inputs, struct policy *policy)
{
	static const char *const proxies[] = {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy",
					      "https_proxy"};
	static const char *const bundles[] = {"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"};
	auto_free char *proxy = xasprintf("http://127.0.0.1:%d", PLAN_EGRESS_PORT);
	for (size_t i = 0; i < array_len(proxies); i++)
		policy_set_env(policy, proxies[i], proxy, "the way out is the egress sidecar");
	policy_set_env(policy, "NO_PROXY", "localhost,127.0.0.1", "its own loopback is local");
	for (size_t i = 0; inputs->ca_bundle && i < array_len(bundles); i++)
		policy_set_env(policy, bundles[i], PLAN_CA_BUNDLE, "what the host trusts");
	if (inputs->registry_url) {
		policy_set_env(policy, "NPM_CONFIG_REGISTRY", inputs->registry_url,
			       "the registry that the host uses");
		policy_set_env(policy, "BUN_CONFIG_REGISTRY", inputs->registry_url,
			       "the registry that the host uses");
	}
}

static json_t *bind_of(const char *socket)
{
	auto_free char *bind = xasprintf("unix:" PLAN_VIEW "/connect/%s", socket);
	return json_string(bind);
}

static char *connected_workloads(const struct plan *plan, const struct plan_workload *workload)
{
	json_t *list = json_array();
	for (size_t i = 0; i < workload->n_connections; i++) {
		const struct plan_connection *connection = &workload->connections[i];
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:s, s:o}", "workloadMid",
					connection->workload, "workloadKey", connection->workload,
					"endpoint", connection->path, "protocol",
					manifest_protocol_name(connection->endpoint->protocol),
					"bind", bind_of(connection->socket)));
	}
	char *text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}

void plan_environment_mounts(const struct plan_inputs *inputs, const struct plan_workload *workload,
			     struct policy *policy)
{
	json_t *all = json_object();
	for (size_t i = 0; i < workload->manifest->n_mounts; i++) {
		const struct manifest_mount_use *use = &workload->manifest->mounts[i];
		auto_free char *from = plan_kit_place(inputs, workload->kit, use->at);
		auto_free char *path = xasprintf(PLAN_MOUNTS "/%s", use->mount);
		auto_free char *variable = name_mount_variable(use->mount);
		policy_from(policy, from);
		policy_set_env(policy, variable, path, CONTRACT);
		policy_from(policy, "");
		json_object_set_new(all, use->mount,
				    json_pack("{s:s, s:s, s:s, s:s}", "mid", use->mount, "key",
					      use->mount, "path", path, "access",
					      manifest_access_name(use->access)));
	}
	auto_free char *text = json_dumps(all, JSON_COMPACT);
	json_decref(all);
	policy_set_env(policy, "CAPAKIT_MOUNTS_JSON", text, CONTRACT);
}

void plan_environment_command(const struct plan *plan, const struct plan_workload *workload,
			      struct policy *policy)
{
	const char *key = workload->manifest->key;
	policy_set_env(policy, "CAPAKIT_WORKLOAD_MID", key, CONTRACT);
	policy_set_env(policy, "CAPAKIT_WORKLOAD_KEY", key, CONTRACT);
	policy_set_env(policy, "CAPAKIT_WORKLOAD_RUNTIME_SID", plan->inputs->run_id, CONTRACT);
	policy_set_env(policy, "CAPAKIT_WORKLOAD_HOST_BACKEND", "linux_sandbox", CONTRACT);
	plan_environment_mounts(plan->inputs, workload, policy);
}

void plan_environment_start(const struct plan *plan, const struct plan_workload *workload,
			    struct policy *policy)
{
	auto_free char *connected = connected_workloads(plan, workload);
	policy_set_env(policy, "CAPAKIT_WORKLOAD_INGRESS_BIND",
		       "unix:" PLAN_VIEW "/ingress/" PLAN_INGRESS_SOCKET, CONTRACT);
	policy_set_env(policy, "CAPAKIT_WORKLOAD_BRIDGE_BIND",
		       "unix:" PLAN_VIEW "/" PLAN_BRIDGE_SOCKET, CONTRACT);
	policy_set_env(policy, "CAPAKIT_CONNECTED_WORKLOADS", connected, CONTRACT);
	policy_set_env(policy, "CAPAKIT_PRESENCE_ID", "(made at each start)", CONTRACT);
	plan_environment_command(plan, workload, policy);
}
