// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What `status` says of limits. The app may be of another version than this program: resources
 * and holders that are not known here are shown as unknown.
 */
#include "controller/cli/status_limits.h"

#include <stdio.h>

#include "base/mem.h"
#include "controller/app/plan_resources.h"

typedef Capakit__Control__V1__Limit control_limit;
typedef Capakit__Control__V1__Usage control_usage;
typedef Capakit__Control__V1__LimitHit control_limit_hit;

/* The API's numbers begin with "unspecified". */
static bool plan_of(Capakit__Control__V1__Resource resource, enum plan_resource *out)
{
	*out = (enum plan_resource)(resource - 1);
	return resource > 0 && (size_t)resource <= PLAN_RESOURCES;
}

const char *status_resource_name(Capakit__Control__V1__Resource resource)
{
	enum plan_resource known;
	return plan_of(resource, &known) ? plan_resource_name(known) : "unknown";
}

const char *status_holder_name(Capakit__Control__V1__Holder holder)
{
	return (size_t)holder <= PLAN_HELD_BY_WATCH ? plan_holder_name((enum plan_holder)holder)
						    : "unknown";
}

static const control_limit *limit_of(const control_workload *workload,
				     Capakit__Control__V1__Resource resource)
{
	for (size_t i = 0; i < workload->n_limits; i++)
		if (workload->limits[i]->resource == resource)
			return workload->limits[i];
	return NULL;
}

static uint64_t used(const control_workload *workload, Capakit__Control__V1__Resource resource)
{
	const control_usage *usage = workload->usage;
	switch (usage ? resource : CAPAKIT__CONTROL__V1__RESOURCE__RESOURCE_UNSPECIFIED) {
	case CAPAKIT__CONTROL__V1__RESOURCE__MEMORY:
		return usage->memory_bytes;
	case CAPAKIT__CONTROL__V1__RESOURCE__PIDS:
		return usage->pids;
	case CAPAKIT__CONTROL__V1__RESOURCE__DISK:
		return usage->disk_bytes;
	default:
		return 0;
	}
}

void status_amount(const control_workload *workload, Capakit__Control__V1__Resource resource,
		   char text[STATUS_AMOUNT_MAX])
{
	char now[PLAN_AMOUNT_MAX] = "-", most[PLAN_AMOUNT_MAX] = "-";
	enum plan_resource known;
	const control_limit *limit = limit_of(workload, resource);
	uint64_t value = used(workload, resource);
	if (plan_of(resource, &known) && value)
		plan_amount_text(known, value, now);
	if (plan_of(resource, &known) && limit)
		plan_amount_text(known, limit->value, most);
	if (known == PLAN_PIDS) { // the column says of what
		now[strcspn(now, " ")] = '\0';
		most[strcspn(most, " ")] = '\0';
	}
	snprintf(text, STATUS_AMOUNT_MAX, "%.40s of %.40s", now, most);
}

void status_cpu_time(const control_workload *workload, char text[STATUS_AMOUNT_MAX])
{
	const control_usage *usage = workload->usage;
	const control_limit *limit = limit_of(workload, CAPAKIT__CONTROL__V1__RESOURCE__CPU);
	char most[PLAN_AMOUNT_MAX];
	if (!usage || !usage->cpu_us) {
		snprintf(text, STATUS_AMOUNT_MAX, "-");
		return;
	}
	int n = snprintf(text, STATUS_AMOUNT_MAX, "%.2f s", (double)usage->cpu_us / 1e6);
	if (!limit || !limit->value)
		return;
	plan_amount_text(PLAN_CPU, limit->value, most);
	snprintf(text + n, STATUS_AMOUNT_MAX - (size_t)n, " of %.20s, waited %.2f s", most,
		 (double)usage->throttled_us / 1e6);
}

/* ---- JSON ---- */

static void put(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value ? value : json_null());
}

static json_t *amount(uint64_t value)
{
	return json_integer(value <= INT64_MAX ? (json_int_t)value : INT64_MAX);
}

static json_t *amount_or_null(uint64_t value)
{
	return value ? amount(value) : json_null();
}

static json_t *limit_json(const control_limit *limit)
{
	json_t *object = json_object();
	put(object, "resource", json_string(status_resource_name(limit->resource)));
	put(object, "value", amount_or_null(limit->value));
	put(object, "holder", json_string(status_holder_name(limit->holder)));
	put(object, "named", json_boolean(limit->named));
	put(object, "weaker", *limit->weaker ? json_string(limit->weaker) : json_null());
	return object;
}

static json_t *usage_json(const control_usage *usage)
{
	json_t *object = json_object();
	put(object, "memory_bytes", amount(usage->memory_bytes));
	put(object, "memory_peak_bytes", amount_or_null(usage->memory_peak_bytes));
	put(object, "memory_limit_hits", amount(usage->memory_limit_hits));
	put(object, "oom_kills", amount(usage->oom_kills));
	put(object, "pids", amount(usage->pids));
	put(object, "pids_peak", amount_or_null(usage->pids_peak));
	put(object, "pids_refused", amount(usage->pids_refused));
	put(object, "cpu_us", amount(usage->cpu_us));
	put(object, "throttled_us", amount(usage->throttled_us));
	put(object, "throttled_periods", amount(usage->throttled_periods));
	put(object, "disk_bytes", amount(usage->disk_bytes));
	return object;
}

static json_t *hit_json(const control_limit_hit *hit)
{
	json_t *object = json_object();
	put(object, "resource", json_string(status_resource_name(hit->resource)));
	put(object, "value", amount(hit->value));
	put(object, "peak", amount_or_null(hit->peak));
	put(object, "count", amount(hit->count));
	put(object, "at_unix_ms", json_integer(hit->at_unix_ms));
	return object;
}

void status_limits_json(json_t *object, const control_workload *workload)
{
	json_t *limits = json_array();
	for (size_t i = 0; i < workload->n_limits; i++)
		(void)json_array_append_new(limits, limit_json(workload->limits[i]));
	put(object, "limits", limits);
	put(object, "usage", workload->usage ? usage_json(workload->usage) : NULL);
	put(object, "limit_hit", workload->limit_hit ? hit_json(workload->limit_hit) : NULL);
}
