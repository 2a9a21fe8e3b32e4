// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Keys are made from the policy that runs and not from the manifest, so that nothing that a phase
 * sees can be forgotten. What is in a host mount is the one exception: it belongs to the person,
 * and is not read here.
 */
#include "controller/app/plan_layer.h"

#include "base/mem.h"
#include "controller/app/host_service.h"
#include "controller/app/plan_egress.h"
#include "controller/store/layer.h"
#include "controller/store/store.h"

static char **env_list(const struct policy *policy)
{
	char **list = xcalloc(policy->n_env + 1, sizeof(*list));
	for (size_t i = 0; i < policy->n_env; i++)
		list[i] = xasprintf("%s=%s", policy->env[i].name, policy->env[i].value);
	return list;
}

static char **argv_list(const struct policy *policy)
{
	char **list = xcalloc(policy->n_argv + 1, sizeof(*list));
	for (size_t i = 0; i < policy->n_argv; i++)
		list[i] = xstrdup(policy->argv[i]);
	return list;
}

static char **mount_list(const struct plan_workload *workload, enum manifest_phase_name phase)
{
	size_t count = phase == PHASE_HYDRATE ? workload->manifest->n_mounts : 0;
	char **list = xcalloc(count + 1, sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		const struct manifest_mount_use *use = &workload->manifest->mounts[i];
		list[i] = xasprintf("%s=%s %s", use->mount, plan_mount(workload->kit, use->mount),
				    manifest_access_name(use->access));
	}
	return list;
}

/* What the manifest asks for, and services of the host that the person allows besides. */
static char *network_text(const struct plan_workload *workload, enum manifest_phase_name phase)
{
	const struct plan_egress *egress = workload->egress[phase];
	char *text = xstrdup(workload->layers[phase].policy->network_reason);
	for (size_t i = 0; egress && i < egress->n_rules; i++) {
		const struct host_service *service = egress->rules[i].service;
		char *before = text;
		if (!service)
			continue;
		text = xasprintf("%s %s=%s:%u", before, service->name, service->text,
				 service->port);
		free(before);
	}
	return text;
}

static void free_list(char **list)
{
	for (size_t i = 0; list[i]; i++)
		free(list[i]);
	free(list);
}

static const char *key_below(const struct plan_workload *workload, enum manifest_phase_name phase)
{
	for (int i = (int)phase - 1; i >= 0; i--)
		if (workload->layers[i].policy)
			return workload->layers[i].key;
	return NULL;
}

void plan_layer_key(const struct plan *plan, const struct plan_workload *workload,
		    enum manifest_phase_name phase, char key[SHA256_HEX])
{
	const struct policy *policy = workload->layers[phase].policy;
	char **argv = argv_list(policy), **env = env_list(policy),
	     **mounts = mount_list(workload, phase);
	auto_free char *network = network_text(workload, phase);
	struct layer_inputs inputs = {
		.kit_identity = workload->kit->identity,
		.snapshot = workload->kit->snapshot_digest,
		.workload = workload->manifest->key,
		.phase = manifest_phase_text(phase),
		.below = key_below(workload, phase),
		.toolchain = plan->inputs->toolchain_id,
		.network = network,
		.profile = policy->profile,
		.argv = argv,
		.env = env,
		.mounts = mounts,
	};
	layer_key(&inputs, key);
	free_list(argv);
	free_list(env);
	free_list(mounts);
}

void plan_uses(const struct plan *plan, struct store_uses *uses)
{
	for (size_t i = 0; i < plan->inputs->n_kits; i++)
		uses_add(uses, store_folder(STORE_SNAPSHOT), plan->inputs->kits[i].snapshot_digest);
	for (size_t i = 0; i < plan->n_workloads; i++)
		for (enum manifest_phase_name phase = PHASE_PREPARE; phase < PHASE_START; phase++)
			if (plan->workloads[i].layers[phase].policy)
				uses_add(uses, store_folder(STORE_LAYER),
					 plan->workloads[i].layers[phase].key);
}
