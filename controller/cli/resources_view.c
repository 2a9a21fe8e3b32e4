// SPDX-License-Identifier: GPL-3.0-or-later
/* Shows what a sandbox may use: what the manifest names, what a flag does, and the defaults. */
#include "controller/cli/resources_view.h"

#include <jansson.h>

#include "base/mem.h"
#include "controller/app/plan_kit.h"
#include "controller/cli/policy_view.h"

struct origin {
	const char *reason;
	char *from;
};

static bool is_from_flag(const struct phase_view *view, enum plan_resource resource)
{
	return view->plan->inputs->machine.max_disk &&
	       (resource == PLAN_DISK || resource == PLAN_FILE);
}

static struct origin origin_of(const struct phase_view *view, enum plan_resource resource)
{
	const struct plan_workload *workload = view->workload;

	if (workload->resources.limits[resource].named)
		return (struct origin){"asked for by the manifest",
				       plan_kit_place(view->plan->inputs, workload->kit,
						      workload->manifest->resources.at)};
	if (is_from_flag(view, resource))
		return (struct origin){"asked for by a person", xstrdup("--max-disk")};
	return (struct origin){"the default", xstrdup("")};
}

static void view_resource(struct buf *out, const struct phase_view *view,
			  enum plan_resource resource)
{
	const struct plan_limit *limit = &view->workload->resources.limits[resource];
	struct origin origin = origin_of(view, resource);
	char value[PLAN_AMOUNT_MAX];

	plan_amount_text(resource, limit->value, value);
	buf_printf(out, "    %-10s%s", plan_resource_name(resource), value);
	if (limit->value)
		buf_printf(out, ", held by %s", plan_holder_name(limit->holder));
	if (limit->weaker)
		buf_printf(out, " (weaker: %s)", limit->weaker);
	policy_view_reason(out, origin.reason, origin.from);
	free(origin.from);
}

void resources_view(struct buf *out, const struct phase_view *view)
{
	buf_append_str(out, "  resources of the whole sandbox\n");
	for (enum plan_resource i = 0; i < PLAN_RESOURCES; i++)
		view_resource(out, view, i);
}

static json_t *resource_json(const struct phase_view *view, enum plan_resource resource)
{
	const struct plan_limit *limit = &view->workload->resources.limits[resource];
	struct origin origin = origin_of(view, resource);
	json_t *value = limit->value ? json_integer((json_int_t)limit->value) : json_null();
	json_t *object = json_pack("{s:s, s:o, s:s, s:b, s:s?, s:s, s:s}", "resource",
				   plan_resource_name(resource), "value", value, "holder",
				   plan_holder_name(limit->holder), "named", limit->named, "weaker",
				   limit->weaker, "reason", origin.reason, "from", origin.from);

	free(origin.from);
	return object;
}

char *resources_view_json(const struct phase_view *view)
{
	json_t *list = json_array();

	for (enum plan_resource i = 0; i < PLAN_RESOURCES; i++)
		json_array_append_new(list, resource_json(view, i));
	char *text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}
