// SPDX-License-Identifier: GPL-3.0-or-later
/* From a phase's `network` and what the person allowed to the rules of its egress sidecar. */
#include "controller/app/plan_egress.h"

#include <string.h>

#include "base/mem.h"
#include "controller/app/host_service.h"

bool plan_egress_wanted(const struct manifest_network *network)
{
	return network->kind != NETWORK_NONE && network->kind != NETWORK_LOOPBACK;
}

static struct plan_egress_rule *add(struct plan_egress *egress, const char *name, uint16_t port,
				    struct location at, char *reason)
{
	egress->rules = xreallocarray(egress->rules, egress->n_rules + 1, sizeof(*egress->rules));
	struct plan_egress_rule *rule = &egress->rules[egress->n_rules++];
	*rule = (struct plan_egress_rule){
		.name = xstrdup(name), .port = port, .reason = reason, .at = at};
	return rule;
}

/* The registry that the host uses is exempt from the address rules wherever it may be reached. */
static bool is_registry(const struct plan_inputs *inputs, const struct manifest_allow *allow)
{
	return inputs->registry_host && str_eq(allow->name, inputs->registry_host) &&
	       allow->port == inputs->registry_port;
}

static void add_allowed(struct plan_egress *egress, const struct plan_inputs *inputs,
			const struct manifest_allow *allow)
{
	add(egress, allow->name, allow->port, allow->at, xstrdup("allowed by the manifest"))
		->exempt = is_registry(inputs, allow);
}

static bool allow_names(const struct manifest_allow *allow, const struct host_service *service)
{
	if (allow->port != service->port)
		return false;
	if (allow->name[0] != '*')
		return str_eq(allow->name, service->host);
	const char *suffix = allow->name + 1; // ".example.org"
	size_t len = strlen(service->host), suffix_len = strlen(suffix);
	return len > suffix_len && str_eq(service->host + len - suffix_len, suffix);
}

/* Where the network asks for the service; NULL: it does not. */
static const struct location *asks_for(const struct manifest_network *network,
				       const struct host_service *service)
{
	for (size_t i = 0; i < network->n_allow; i++)
		if (allow_names(&network->allow[i], service))
			return &network->allow[i].at;
	return network->kind == NETWORK_FULL ? &network->at : NULL;
}

static void add_service(struct plan_egress *egress, const struct manifest_network *network,
			const struct host_service *service)
{
	const struct location *at = asks_for(network, service);
	if (!at)
		return;
	char *reason = xasprintf("a service of this host, --allow-host-service %s=%s:%u",
				 service->name, service->text, service->port);
	struct plan_egress_rule *rule = add(egress, service->host, service->port, *at, reason);
	rule->exempt = true;
	rule->service = service;
}

struct plan_egress *plan_egress_new(const struct plan_inputs *inputs,
				    const struct manifest_network *network,
				    enum manifest_phase_name phase)
{
	struct plan_egress *egress = xcalloc(1, sizeof(*egress));
	bool full = network->kind == NETWORK_FULL;
	if ((full || network->kind == NETWORK_REGISTRIES) && inputs->registry_host)
		add(egress, inputs->registry_host, inputs->registry_port, network->at,
		    xstrdup("the registry that this host is configured with"))
			->exempt = true;
	if (full)
		add(egress, "*", 0, network->at,
		    xstrdup(network->at.line ? "`full` in the manifest"
					     : "`full`, the default of the phase"));
	for (size_t i = 0; i < network->n_allow; i++)
		add_allowed(egress, inputs, &network->allow[i]);
	for (size_t i = 0; phase == PHASE_START && i < inputs->n_host_services; i++)
		add_service(egress, network, &inputs->host_services[i]);
	return egress;
}

void plan_egress_free(struct plan_egress **pointer)
{
	struct plan_egress *egress = take_ptr(pointer);
	if (!egress)
		return;
	for (size_t i = 0; i < egress->n_rules; i++) {
		free(egress->rules[i].name);
		free(egress->rules[i].reason);
	}
	free(egress->rules);
	free(egress);
}

static bool is_reached(const struct plan *plan, const struct host_service *service)
{
	for (size_t w = 0; w < plan->n_workloads; w++)
		for (size_t p = 0; p < PHASE_COUNT; p++) {
			const struct plan_egress *egress = plan->workloads[w].egress[p];
			for (size_t i = 0; egress && i < egress->n_rules; i++)
				if (egress->rules[i].service == service)
					return true;
		}
	return false;
}

bool plan_egress_check(const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->inputs->n_host_services; i++) {
		const struct host_service *service = &plan->inputs->host_services[i];
		if (!is_reached(plan, service))
			return err_set(err, ERR_USAGE,
				       "--allow-host-service %s: no phase of the Kit asks for it; "
				       "a manifest does with network: { allow: [\"%s:%u\"] }",
				       service->name, service->host, service->port);
	}
	return true;
}
