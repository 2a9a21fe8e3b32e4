// SPDX-License-Identifier: GPL-3.0-or-later
/* Prints what a phase may reach; `capakit policy show` puts it behind the phase's policy. */
#include "controller/cli/egress_view.h"

#include <jansson.h>

#include "base/mem.h"
#include "controller/app/host_service.h"

static void view_rule(struct buf *out, const struct plan_egress_rule *rule)
{
	buf_printf(out, "    %s", str_eq(rule->name, "*") ? "every public host" : rule->name);
	if (rule->port)
		buf_printf(out, ":%u", rule->port);
	else
		buf_append_str(out, " on ports 80 and 443");
	if (rule->service)
		buf_printf(out, " at %s", rule->service->text);
	buf_printf(out, "  # %s%s\n", rule->reason,
		   rule->exempt ? "; its address may be private" : "");
}

void egress_view(struct buf *out, const struct plan_egress *egress)
{
	buf_append_str(out, "  hosts, by name; no private address but where it is said\n");
	for (size_t i = 0; i < egress->n_rules; i++)
		view_rule(out, &egress->rules[i]);
}

static json_t *rule_json(const struct plan_egress_rule *rule)
{
	return json_pack("{s:s, s:o, s:b, s:s?, s:s}", "name", rule->name, "port",
			 rule->port ? json_integer(rule->port) : json_null(), "exempt",
			 rule->exempt, "address", rule->service ? rule->service->text : NULL,
			 "reason", rule->reason);
}

char *egress_view_json(const struct plan_egress *egress)
{
	json_t *list = json_array();
	for (size_t i = 0; i < egress->n_rules; i++)
		json_array_append_new(list, rule_json(&egress->rules[i]));
	char *text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}
