// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Shows which system calls a sandbox may make. Rules on arguments are shown with the network of the
 * policy, since the list of socket families depends on it.
 */
#include "controller/cli/filter_view.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/mem.h"
#include "controller/cli/policy_view.h"
#include "controller/sandbox/filter_rules.h"

static const char *verdict(int error)
{
	return error == 0 ? "allow" : strerrorname_np(error);
}

static bool applies(const struct policy *policy, const struct filter_profile *profile,
		    const struct filter_condition *condition)
{
	enum filter_network network =
		policy->network == POLICY_NET_NONE ? FILTER_NET_NONE : FILTER_NET_INET;

	if (condition->error == profile->others)
		return false; // allowed anyway
	return condition->when == FILTER_ALWAYS || condition->when == network;
}

static void comparison_text(struct buf *out, const struct filter_comparison *comparison)
{
	buf_printf(out, "argument %u", comparison->argument);
	if (comparison->how == FILTER_MASKED)
		buf_printf(out, " & %#" PRIx64 " is %#" PRIx64, comparison->mask,
			   comparison->value);
	else
		buf_printf(out, " %s %" PRIu64,
			   comparison->how == FILTER_ABOVE ? "is above" : "is not",
			   comparison->value);
}

static char *when_text(const struct filter_condition *condition)
{
	struct buf text;

	buf_init(&text, 1024);
	for (size_t i = 0; i < array_len(condition->comparisons); i++) {
		if (condition->comparisons[i].how == FILTER_UNUSED)
			continue;
		buf_append_str(&text, i ? " and " : "");
		comparison_text(&text, &condition->comparisons[i]);
	}
	return buf_take_str(&text);
}

static void view_group(struct buf *out, const struct filter_group *group)
{
	enum { WIDTH = 100, INDENT = 12 };
	size_t column = INDENT;

	buf_printf(out, "    %-8s", verdict(group->error));
	for (const char *const *name = group->names; *name; name++) {
		if (column + strlen(*name) >= WIDTH) {
			buf_printf(out, "\n%*s", INDENT, "");
			column = INDENT;
		}
		buf_printf(out, " %s", *name);
		column += 1 + strlen(*name);
	}
	policy_view_reason(out, group->why, "");
}

static const char *others_text(const struct filter_profile *profile)
{
	return profile->others ? "a kernel without that call would say the same"
			       : "any call that is not refused by name";
}

void filter_view(struct buf *out, const struct policy *policy)
{
	const struct filter_profile *profile = filter_profile_find(policy->profile);

	buf_printf(out, "  filter  %s for other calls", verdict(profile->others));
	policy_view_reason(out, others_text(profile), "");
	for (size_t i = 0; profile->lists[i]; i++)
		for (const struct filter_group *group = profile->lists[i]; group->names; group++)
			view_group(out, group);
	for (size_t i = 0; i < filter_n_conditions; i++) {
		if (!applies(policy, profile, &filter_conditions[i]))
			continue;
		auto_free char *when = when_text(&filter_conditions[i]);
		buf_printf(out, "    %-8s %s when %s", verdict(filter_conditions[i].error),
			   filter_conditions[i].call, when);
		policy_view_reason(out, filter_conditions[i].why, "");
	}
	buf_append_str(out, "    killed   any call by another ABI (32 bit, x32)"
			    "  # the filter knows one ABI\n");
}

static json_t *group_json(const struct filter_group *group)
{
	json_t *calls = json_array();

	for (const char *const *name = group->names; *name; name++)
		json_array_append_new(calls, json_string(*name));
	return json_pack("{s:s, s:s, s:o}", "verdict", verdict(group->error), "reason", group->why,
			 "calls", calls);
}

static json_t *groups_json(const struct filter_profile *profile)
{
	json_t *list = json_array();

	for (size_t i = 0; profile->lists[i]; i++)
		for (const struct filter_group *group = profile->lists[i]; group->names; group++)
			json_array_append_new(list, group_json(group));
	return list;
}

static json_t *arguments_json(const struct policy *policy, const struct filter_profile *profile)
{
	json_t *list = json_array();

	for (size_t i = 0; i < filter_n_conditions; i++) {
		const struct filter_condition *condition = &filter_conditions[i];
		if (!applies(policy, profile, condition))
			continue;
		auto_free char *when = when_text(condition);
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s, s:s}", "call", condition->call,
						"verdict", verdict(condition->error), "when", when,
						"reason", condition->why));
	}
	return list;
}

char *filter_view_json(const struct policy *policy)
{
	const struct filter_profile *profile = filter_profile_find(policy->profile);
	json_t *filter = json_pack("{s:s, s:s, s:o, s:o}", "others", verdict(profile->others),
				   "reason", others_text(profile), "groups", groups_json(profile),
				   "arguments", arguments_json(policy, profile));
	char *text = json_dumps(filter, JSON_COMPACT);
	json_decref(filter);
	return text;
}
