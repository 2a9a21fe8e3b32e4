// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A workload's own sidecar cannot dial anything, and must not: so there is a second one, without a
 * view, for what is outside. Like the edge it is no workload, and nothing can be called in it.
 */
#include "controller/app/plan_outside.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"

static const struct manifest_endpoint whole_host = {
	.path = (char[]){"/"},
	.protocol = PROTOCOL_HTTP,
};

/* The index of the sidecar, as callee of a link. */
static size_t find_or_add_sidecar(struct plan *plan, size_t caller)
{
	const struct plan_workload *workload = &plan->workloads[caller];
	for (size_t i = 0; i < plan->n_outsides; i++)
		if (plan->outsides[i].outside_of == workload)
			return plan->n_workloads + i;
	plan->outsides[plan->n_outsides] = (struct plan_workload){
		.kit = workload->kit,
		.name = xasprintf("%s@outside", workload->name),
		.identity = xasprintf("%s/outside", workload->identity),
		.sidecar_uid = plan->inputs->uids ? plan->inputs->uids[4 * caller + 3] : 0,
		.outside_of = workload,
	};
	return plan->n_workloads + plan->n_outsides++;
}

static size_t add_link(struct plan *plan, size_t caller, const struct manifest_connection *outside)
{
	auto_free char *host = plan_outside_host(outside);
	size_t callee = find_or_add_sidecar(plan, caller);
	plan->links = xreallocarray(plan->links, plan->n_links + 1, sizeof(*plan->links));
	struct plan_link *link = &plan->links[plan->n_links];
	*link = (struct plan_link){
		.caller = caller,
		.callee = callee,
		.callee_name = xasprintf("@%s", host),
		.name = xasprintf("%s>@%s", plan->workloads[caller].name, outside->name),
		.paths = xcalloc(1, sizeof(*link->paths)),
		.n_paths = 1,
	};
	link->paths[0] = whole_host.path;
	return plan->n_links++;
}

void plan_add_outside(struct plan *plan, size_t caller, const struct manifest_connection *outside)
{
	struct plan_workload *workload = &plan->workloads[caller];
	size_t link = add_link(plan, caller, outside);
	workload->connections = xreallocarray(workload->connections, workload->n_connections + 1,
					      sizeof(*workload->connections));
	workload->connections[workload->n_connections] = (struct plan_connection){
		.at = outside->at,
		.outside = outside,
		.workload = outside->name,
		.path = whole_host.path,
		.callee = plan->links[link].callee,
		.endpoint = &whole_host,
		.socket = xasprintf("%.40s.%zu.sock", outside->name, workload->n_connections),
		.link = link,
		.timeout_ms = (uint32_t)outside->timeout_ms,
		.idle_timeout_ms = (uint32_t)outside->idle_timeout_ms,
		.retries = outside->retries,
		.max_concurrent = outside->max_concurrent,
	};
	workload->n_connections++;
}

char *plan_outside_host(const struct manifest_connection *outside)
{
	return xasprintf("%s:%u", outside->host, outside->port);
}

static void put_list(struct buf *out, char *const *items, size_t count, const char *any)
{
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s%s", i ? ", " : "", items[i]);
	if (count == 0)
		buf_append_str(out, any);
}

char *plan_outside_text(const struct manifest_connection *outside)
{
	struct buf out;
	buf_init(&out, MIB);
	put_list(&out, outside->methods, outside->n_methods, "any method");
	buf_append_str(&out, " to ");
	put_list(&out, outside->paths, outside->n_paths, "any path");
	if (outside->inject.header) {
		buf_printf(&out, ", with %s", outside->inject.header);
		if (outside->inject.n_secrets)
			buf_append_str(&out, " from the secret ");
		put_list(&out, outside->inject.secrets, outside->inject.n_secrets, "");
	}
	return buf_take_str(&out);
}
