// SPDX-License-Identifier: GPL-3.0-or-later
/* Shows what a phase may reach through its egress sidecar. */
#include "controller/cli/egress_view.h"

#include <jansson.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "controller/app/host_service.h"
#include "controller/app/plan_egress.h"
#include "controller/app/plan_kit.h"
#include "controller/app/plan_policy.h"
#include "controller/cli/policy_view.h"

static const struct plan_egress *egress_of(const struct phase_view *view)
{
	return view->workload->egress[view->phase];
}

static char *place(const struct phase_view *view, const struct plan_egress_rule *rule)
{
	const struct plan_workload *workload = view->workload;
	const struct manifest_phase *phase = &workload->manifest->phases[view->phase];

	return plan_kit_place(view->plan->inputs, workload->kit,
			      plan_network_place(phase, rule->at));
}

static void view_rule(struct buf *out, const struct phase_view *view,
		      const struct plan_egress_rule *rule)
{
	auto_free char *from = place(view, rule);

	buf_printf(out, "    %s", str_eq(rule->name, "*") ? "every public host" : rule->name);
	if (rule->port)
		buf_printf(out, ":%u", rule->port);
	else
		buf_append_str(out, " on ports 80 and 443");
	if (rule->service)
		buf_printf(out, " at %s", rule->service->text);
	if (rule->exempt)
		buf_append_str(out, ", its address may be private");
	policy_view_reason(out, rule->reason, from);
}

static void view_proxy(struct buf *out, const char *what, const struct upstream *upstream,
		       const struct upstreams *all)
{
	if (!upstream->host)
		return;
	buf_printf(out, "    %s through ", what);
	text_escape(out, upstream->host, strlen(upstream->host));
	buf_printf(out, ":%u%s", upstream->port, all->n_direct ? ", but not" : "");
	for (size_t i = 0; i < all->n_direct; i++) {
		buf_append_str(out, " ");
		text_escape(out, all->direct[i], strlen(all->direct[i]));
	}
	policy_view_reason(out, "the proxy that this host is configured with", "");
}

void egress_view(struct buf *out, const struct phase_view *view)
{
	const struct plan_egress *egress = egress_of(view);

	if (!egress)
		return;
	buf_append_str(out, "  hosts, by name; no private address but where it is said\n");
	for (size_t i = 0; i < egress->n_rules; i++)
		view_rule(out, view, &egress->rules[i]);
	view_proxy(out, "http:// URLs", &view->plan->inputs->upstreams.http,
		   &view->plan->inputs->upstreams);
	view_proxy(out, "tunnels", &view->plan->inputs->upstreams.https,
		   &view->plan->inputs->upstreams);
}

static json_t *rule_json(const struct phase_view *view, const struct plan_egress_rule *rule)
{
	auto_free char *from = place(view, rule);

	return json_pack("{s:s, s:o, s:b, s:s?, s:s, s:s}", "name", rule->name, "port",
			 rule->port ? json_integer(rule->port) : json_null(), "exempt",
			 rule->exempt, "address", rule->service ? rule->service->text : NULL,
			 "reason", rule->reason, "from", from);
}

char *egress_view_json(const struct phase_view *view)
{
	const struct plan_egress *egress = egress_of(view);

	if (!egress)
		return xstrdup("null");
	json_t *list = json_array();
	for (size_t i = 0; i < egress->n_rules; i++)
		json_array_append_new(list, rule_json(view, &egress->rules[i]));
	char *text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}

static json_t *proxy_json(const struct upstream *upstream)
{
	if (!upstream->host)
		return json_null();
	auto_free char *text = xasprintf("%s:%u", upstream->host, upstream->port);
	return json_string(text);
}

char *egress_view_proxy_json(const struct phase_view *view)
{
	const struct upstreams *upstreams = &view->plan->inputs->upstreams;

	if (!egress_of(view) || (!upstreams->http.host && !upstreams->https.host))
		return xstrdup("null");
	json_t *direct = json_array();
	for (size_t i = 0; i < upstreams->n_direct; i++)
		json_array_append_new(direct, json_string(upstreams->direct[i]));
	json_t *object = json_pack("{s:o, s:o, s:o}", "http", proxy_json(&upstreams->http),
				   "tunnels", proxy_json(&upstreams->https), "not_for", direct);
	char *text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return text;
}
