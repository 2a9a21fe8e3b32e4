// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Looks at the policies themselves and not at the manifest, so that no way to a mount or to a
 * network can be forgotten here.
 */
#include "controller/app/plan_consent.h"

#include <string.h>

#include "base/mem.h"
#include "controller/app/plan_environment.h"

static bool is_host_mount(const struct policy_mount *mount)
{
	return mount->kind == POLICY_MOUNT_BIND &&
	       strncmp(mount->target, PLAN_MOUNTS "/", strlen(PLAN_MOUNTS "/")) == 0;
}

static bool put_mounts(const struct policy *policy, struct buf *out)
{
	for (size_t i = 0; i < policy->n_mounts; i++) {
		const struct policy_mount *mount = &policy->mounts[i];
		if (is_host_mount(mount) &&
		    !buf_printf(out, "    %s %s\n", mount->writable ? "writes " : "reads  ",
				mount->source))
			return false;
	}
	return true;
}

static bool has_host_mount(const struct policy *policy)
{
	for (size_t i = 0; i < policy->n_mounts; i++)
		if (is_host_mount(&policy->mounts[i]))
			return true;
	return false;
}

static bool reaches_outside(const struct plan_workload *caller)
{
	for (size_t i = 0; caller && i < caller->n_connections; i++)
		if (caller->connections[i].outside)
			return true;
	return false;
}

static bool put_hosts(const struct plan_workload *caller, struct buf *out)
{
	for (size_t i = 0; caller && i < caller->n_connections; i++) {
		const struct manifest_connection *outside = caller->connections[i].outside;
		if (outside &&
		    !buf_printf(out, "    host    %s:%u\n", outside->host, outside->port))
			return false;
	}
	return true;
}

bool plan_consent_phase(const char *workload, const char *phase, const struct policy *policy,
			const struct plan_workload *caller, struct buf *out)
{
	bool network = policy->network == POLICY_NET_EGRESS;
	if ((!network && !reaches_outside(caller)) || !has_host_mount(policy))
		return true;
	return buf_printf(out, "  workload %s, %s\n", workload, phase) &&
	       (!network || buf_printf(out, "    network %s\n", policy->network_reason)) &&
	       put_hosts(caller, out) && put_mounts(policy, out);
}

bool plan_consent(const struct plan *plan, struct buf *out)
{
	if (plan->exec)
		return plan_consent_phase(plan->inputs->exec->workload, "exec", plan->exec, NULL,
					  out);
	for (size_t i = 0; i < plan->n_workloads; i++) {
		const struct plan_workload *workload = &plan->workloads[i];
		for (enum manifest_phase_name phase = PHASE_PREPARE; phase < PHASE_START; phase++) {
			const struct policy *policy = workload->layers[phase].policy;
			if (policy &&
			    !plan_consent_phase(workload->name, manifest_phase_text(phase), policy,
						NULL, out))
				return false;
		}
		if (!plan_consent_phase(workload->name, "start", workload->start, workload, out))
			return false;
	}
	return true;
}
