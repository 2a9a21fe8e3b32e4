// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Shows a phase as text and as JSON, from the same plan that `up` runs. What is shown has its
 * reason and, where a manifest asked for it, the place there; a test compares it with what runs.
 */
#include "controller/cli/phase_view.h"

#include <jansson.h>

#include "base/mem.h"
#include "controller/app/plan_environment.h"
#include "controller/app/plan_kit.h"
#include "controller/app/plan_outside.h"
#include "controller/cli/egress_view.h"
#include "controller/cli/filter_view.h"
#include "controller/cli/policy_view.h"
#include "controller/cli/resources_view.h"
#include "controller/sandbox/profile.h"

static char *place(const struct phase_view *view, struct location at)
{
	return plan_kit_place(view->plan->inputs, view->workload->kit, at);
}

/* ---- what it reaches through its sidecar: a started workload alone ---- */

static size_t n_connections(const struct phase_view *view)
{
	return view->phase == PHASE_START && !view->command ? view->workload->n_connections : 0;
}

static char *callee_text(const struct phase_view *view, const struct plan_connection *connection)
{
	if (!connection->outside)
		return xasprintf("a connection to workload %s",
				 view->plan->workloads[connection->callee].name);
	auto_free char *host = plan_outside_host(connection->outside);
	auto_free char *what = plan_outside_text(connection->outside);
	return xasprintf("a connection to host %s: %s", host, what);
}

static void view_connections(struct buf *out, const struct phase_view *view)
{
	if (n_connections(view))
		buf_append_str(out, "  connections\n");
	for (size_t i = 0; i < n_connections(view); i++) {
		const struct plan_connection *connection = &view->workload->connections[i];
		auto_free char *from = place(view, connection->at);
		auto_free char *reason = callee_text(view, connection);
		buf_printf(out, "    %s %s at " PLAN_VIEW "/connect/%s", connection->workload,
			   connection->path, connection->socket);
		policy_view_reason(out, reason, from);
	}
}

static json_t *connections_json(const struct phase_view *view)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n_connections(view); i++) {
		const struct plan_connection *connection = &view->workload->connections[i];
		auto_free char *from = place(view, connection->at);
		auto_free char *reason = callee_text(view, connection);
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s+, s:s, s:s}", "workload",
						connection->workload, "endpoint", connection->path,
						"socket", PLAN_VIEW "/connect/", connection->socket,
						"reason", reason, "from", from));
	}
	return list;
}

/* ---- the whole ---- */

static const char *name_of(const struct phase_view *view)
{
	return view->command ? view->command : manifest_phase_text(view->phase);
}

static void view_profile(struct buf *out, const struct phase_view *view)
{
	const struct profile *profile = profile_find(view->policy->profile);

	buf_printf(out, "  profile %s", view->policy->profile);
	policy_view_reason(out, profile->meaning, view->profile_from);
}

void phase_view(struct buf *out, const struct phase_view *view)
{
	buf_printf(out, "workload %s, %s\n", view->workload->name, name_of(view));
	view_profile(out, view);
	policy_view(out, view->policy);
	resources_view(out, view);
	egress_view(out, view);
	view_connections(out, view);
	filter_view(out, view->policy);
}

static json_t *profile_json(const struct phase_view *view)
{
	const struct profile *profile = profile_find(view->policy->profile);

	return json_pack("{s:s, s:s, s:b, s:s}", "name", profile->name, "reason", profile->meaning,
			 "weaker", profile->weaker, "from", view->profile_from);
}

char *phase_view_json(const struct phase_view *view)
{
	auto_free char *policy = policy_to_json(view->policy, false);
	auto_free char *resources = resources_view_json(view);
	auto_free char *egress = egress_view_json(view);
	auto_free char *proxy = egress_view_proxy_json(view);
	auto_free char *filter = filter_view_json(view->policy);
	json_t *all = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "workload",
				view->workload->name, "phase", name_of(view), "profile",
				profile_json(view), "policy", json_loads(policy, 0, NULL),
				"resources", json_loads(resources, 0, NULL), "egress",
				json_loads(egress, JSON_DECODE_ANY, NULL), "proxy",
				json_loads(proxy, JSON_DECODE_ANY, NULL), "connections",
				connections_json(view), "filter", json_loads(filter, 0, NULL));
	char *text = json_dumps(all, JSON_INDENT(2));
	json_decref(all);
	return text;
}
