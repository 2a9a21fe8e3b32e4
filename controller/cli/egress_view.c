// SPDX-License-Identifier: GPL-3.0-or-later
/* Shows what a phase may reach through its egress sidecar. */
#include "controller/cli/egress_view.h"

#include <jansson.h>

#include "base/mem.h"
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

void egress_view(struct buf *out, const struct phase_view *view)
{
	const struct plan_egress *egress = egress_of(view);

	if (!egress)
		return;
	buf_append_str(out, "  hosts, by name; no private address but where it is said\n");
	for (size_t i = 0; i < egress->n_rules; i++)
		view_rule(out, view, &egress->rules[i]);
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
