// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a workload may use, what it uses at this moment, and the limit that had a part in its last
 * end. The plan's numbers of resources and holders are those of the API but for the API's zero.
 */
#include "controller/app/app_status_limits.h"

#include "base/mem.h"

typedef Capakit__Control__V1__Limit limit_message;

static Capakit__Control__V1__Resource resource_of(enum plan_resource resource)
{
	static const Capakit__Control__V1__Resource resources[PLAN_RESOURCES] = {
		[PLAN_MEMORY] = CAPAKIT__CONTROL__V1__RESOURCE__MEMORY,
		[PLAN_CPU] = CAPAKIT__CONTROL__V1__RESOURCE__CPU,
		[PLAN_PIDS] = CAPAKIT__CONTROL__V1__RESOURCE__PIDS,
		[PLAN_DISK] = CAPAKIT__CONTROL__V1__RESOURCE__DISK,
		[PLAN_FILE] = CAPAKIT__CONTROL__V1__RESOURCE__FILE_SIZE,
	};
	return resources[resource];
}

static Capakit__Control__V1__Holder holder_of(enum plan_holder holder)
{
	static const Capakit__Control__V1__Holder holders[] = {
		[PLAN_HELD_BY_NONE] = CAPAKIT__CONTROL__V1__HOLDER__HOLDER_UNSPECIFIED,
		[PLAN_HELD_BY_CGROUP_V2] = CAPAKIT__CONTROL__V1__HOLDER__CGROUP_V2,
		[PLAN_HELD_BY_CGROUP_V1] = CAPAKIT__CONTROL__V1__HOLDER__CGROUP_V1,
		[PLAN_HELD_BY_RLIMIT] = CAPAKIT__CONTROL__V1__HOLDER__RLIMIT,
		[PLAN_HELD_BY_WATCH] = CAPAKIT__CONTROL__V1__HOLDER__WATCH,
	};
	return holders[holder];
}

static limit_message *new_limit(enum plan_resource resource, const struct plan_limit *limit)
{
	limit_message *message = xmalloc(sizeof(*message));
	capakit__control__v1__limit__init(message);
	message->resource = resource_of(resource);
	message->value = limit->value;
	message->holder = holder_of(limit->holder);
	message->named = limit->named;
	if (limit->weaker)
		message->weaker = (char *)(uintptr_t)limit->weaker; // messages own no strings
	return message;
}

static uint64_t of_workload(uint64_t processes)
{
	return processes > PLAN_OWN_PROCESSES ? processes - PLAN_OWN_PROCESSES : 0;
}

static Capakit__Control__V1__Usage *new_usage(const struct app_workload *workload)
{
	struct cgroup_usage usage;
	sandbox_usage(&workload->sandbox, &usage);
	Capakit__Control__V1__Usage *message = xmalloc(sizeof(*message));
	capakit__control__v1__usage__init(message);
	message->memory_bytes = usage.memory;
	message->memory_peak_bytes = usage.memory_peak;
	message->memory_limit_hits = usage.memory_hits;
	message->oom_kills = usage.oom_kills;
	message->pids = of_workload(usage.pids);
	message->pids_peak = of_workload(usage.pids_peak);
	message->pids_refused = usage.pids_refused;
	message->cpu_us = usage.cpu_us;
	message->throttled_us = usage.throttled_us;
	message->throttled_periods = usage.throttled_periods;
	message->disk_bytes = workload->sandbox.disk.used;
	return message;
}

static Capakit__Control__V1__LimitHit *new_hit(const struct limit_hit *hit)
{
	Capakit__Control__V1__LimitHit *message = xmalloc(sizeof(*message));
	capakit__control__v1__limit_hit__init(message);
	message->resource = resource_of(hit->resource);
	message->value = hit->value;
	message->peak = hit->peak;
	message->count = hit->count;
	message->at_unix_ms = hit->at_ms;
	return message;
}

void app_status_add_limits(const struct app_workload *workload,
			   Capakit__Control__V1__Workload *message)
{
	const struct plan_resources *resources = &workload->plan->resources;
	message->limits = xcalloc(PLAN_RESOURCES, sizeof(limit_message *));
	for (enum plan_resource i = 0; i < PLAN_RESOURCES; i++)
		message->limits[message->n_limits++] = new_limit(i, &resources->limits[i]);
	if (workload->sandbox.pid)
		message->usage = new_usage(workload);
	if (workload->hit.any)
		message->limit_hit = new_hit(&workload->hit);
}

void app_status_free_limits(Capakit__Control__V1__Workload *message)
{
	for (size_t i = 0; i < message->n_limits; i++)
		free(message->limits[i]);
	free(message->limits);
	free(message->usage);
	free(message->limit_hit);
}
