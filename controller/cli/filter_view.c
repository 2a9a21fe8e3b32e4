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
#include "controller/sandbox/filter_rules.h"

static const struct filter_profile *find(const struct policy *policy)
{
	for (size_t i = 0; i < filter_n_profiles; i++)
		if (str_eq(filter_profiles[i].name, policy->profile))
			return &filter_profiles[i];
	return NULL;
}

static const char *verdict(int error)
{
	return error == 0 ? "allow" : strerrorname_np(error);
}

static bool applies(const struct policy *policy, const struct filter_profile *profile,
		    const struct filter_condition *condition)
{
	enum filter_network network =
		policy->network == POLICY_NET_NONE ? FILTER_NET_NONE : FILTER_NET_INET;

	if (condition->error == 0 && !profile->allowed)
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

static void view_names(struct buf *out, const char *title, const char *const *names)
{
	enum { WIDTH = 100 };
	size_t column = WIDTH;

	for (; names && *names; names++) {
		if (column + strlen(*names) >= WIDTH) {
			buf_printf(out, "%s    %-8s", column == WIDTH && title[0] ? "" : "\n",
				   title);
			title = "";
			column = 12;
		}
		buf_printf(out, " %s", *names);
		column += 1 + strlen(*names);
	}
	buf_append_str(out, column == WIDTH ? "" : "\n");
}

void filter_view(struct buf *out, const struct policy *policy)
{
	const struct filter_profile *profile = find(policy);

	if (!profile)
		return;
	buf_printf(out,
		   "  filter  %s whatever is not named here; calls by another ABI end the "
		   "process; Landlock is made from the mounts\n",
		   profile->allowed ? "ENOSYS for" : "allows");
	view_names(out, "allow", profile->allowed);
	view_names(out, "EPERM", profile->refused);
	view_names(out, "EPERM", profile->refused_processes);
	view_names(out, "ENOSYS", profile->unseen);
	for (size_t i = 0; i < filter_n_conditions; i++) {
		if (!applies(policy, profile, &filter_conditions[i]))
			continue;
		auto_free char *when = when_text(&filter_conditions[i]);
		buf_printf(out, "    %-8s %s when %s\n", verdict(filter_conditions[i].error),
			   filter_conditions[i].call, when);
	}
}

static void put_names(json_t *calls, const char *const *names, int error)
{
	for (; names && *names; names++)
		json_object_set_new(calls, *names, json_string(verdict(error)));
}

static json_t *arguments_json(const struct policy *policy, const struct filter_profile *profile)
{
	json_t *list = json_array();

	for (size_t i = 0; i < filter_n_conditions; i++) {
		const struct filter_condition *condition = &filter_conditions[i];
		if (!applies(policy, profile, condition))
			continue;
		auto_free char *when = when_text(condition);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "call", condition->call,
						      "verdict", verdict(condition->error), "when",
						      when));
	}
	return list;
}

char *filter_view_json(const struct policy *policy)
{
	const struct filter_profile *profile = find(policy);
	json_t *calls = json_object();

	if (!profile) {
		json_decref(calls);
		return xstrdup("null");
	}
	put_names(calls, profile->allowed, 0);
	put_names(calls, profile->refused, EPERM);
	put_names(calls, profile->refused_processes, EPERM);
	put_names(calls, profile->unseen, ENOSYS);
	json_t *filter =
		json_pack("{s:s, s:o, s:o}", "default", verdict(profile->allowed ? ENOSYS : 0),
			  "calls", calls, "arguments", arguments_json(policy, profile));
	char *text = json_dumps(filter, JSON_INDENT(2));
	json_decref(filter);
	return text;
}
