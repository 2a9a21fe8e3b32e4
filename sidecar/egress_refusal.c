// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A refusal that does not say what to write to be allowed costs a person an hour; one that suggests
 * what cannot be allowed costs more. So each kind has its own text.
 */
#include "sidecar/egress_refusal.h"

#include <string.h>

#include "base/mem.h"

/* The rules as the manifest writes them; a phase may have hundreds. */
static bool put_rules(const struct egress_rule *rules, size_t n_rules, struct buf *out)
{
	enum { SHOWN = 4 };
	for (size_t i = 0; i < n_rules && i < SHOWN; i++) {
		const char *name = rules[i].name;
		bool ok = str_eq(name, "*") ? buf_printf(out, "%sany public host", i ? ", " : "")
					    : buf_printf(out, "%s%s", i ? ", " : "", name);
		if (!ok || (rules[i].port && !buf_printf(out, ":%u", rules[i].port)))
			return false;
	}
	return n_rules <= SHOWN || buf_printf(out, " and %zu more", n_rules - SHOWN);
}

/* Which rule refused it: the one that names the host with another port, or that none does. */
static bool put_reason(const struct egress_target *target, const struct egress_policy *policy,
		       struct buf *out)
{
	const struct egress_rule *other = egress_rule_find_name(policy, target);
	if (policy->n_rules == 0)
		return buf_append_str(out, ": it may reach no host at all. ");
	if (other && other->port)
		return buf_printf(out, ": the rule %s allows port %u only. ", other->name,
				  other->port);
	if (other)
		return buf_printf(out, ": the rule %s allows ports 80 and 443 only. ", other->name);
	return buf_append_str(out, ": no rule of the phase names it (") &&
	       put_rules(policy->rules, policy->n_rules, out) && buf_append_str(out, "). ");
}

static bool put_manifest_line(const struct egress_target *target, struct buf *out)
{
	return buf_printf(out,
			  "The manifest can allow it, in that phase:\n"
			  "  network: { allow: [\"%s:%u\"] }\n",
			  target->name, target->port);
}

/* It needs both the manifest, which asks, and the person, who says what it is. */
static bool put_service(const struct egress_target *target, const struct egress_policy *policy,
			struct buf *out)
{
	int name_len = (int)(strlen(target->name) - strlen(policy->service_domain));
	if (!egress_rule_find(policy, target) &&
	    (!put_reason(target, policy, out) || !put_manifest_line(target, out)))
		return false;
	return buf_printf(out,
			  "%sit is a service of the host, and the person who runs the app can "
			  "allow it:\n  --allow-host-service %.*s=ADDRESS:%u\n",
			  egress_rule_find(policy, target) ? ": " : "Besides, ", name_len,
			  target->name, target->port);
}

bool egress_refusal_text(const struct egress_target *target, const struct egress_policy *policy,
			 const char *address_refusal, struct buf *out)
{
	bool v6 = strchr(target->name, ':') != NULL;
	if (!buf_printf(out, "%s may not reach %s%s%s:%u", policy->phase, v6 ? "[" : "",
			target->name, v6 ? "]" : "", target->port))
		return false;
	if (egress_target_is_service(target, policy->service_domain) && !address_refusal)
		return put_service(target, policy, out);
	if (address_refusal) {
		const struct egress_rule *rule = egress_rule_find(policy, target);
		return buf_printf(out,
				  ": the rule %s allows the name, but it leads to %s. No manifest "
				  "can allow that; only the registry that this host is configured "
				  "with may have such an address, and what --allow-host-service "
				  "names.\n",
				  rule ? rule->name : "?", address_refusal);
	}
	if (!put_reason(target, policy, out))
		return false;
	if (target->literal)
		return buf_append_str(out, "A manifest allows names, not addresses: ask for the "
					   "host by its name.\n");
	return put_manifest_line(target, out);
}
