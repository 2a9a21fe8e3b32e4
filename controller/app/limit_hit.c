// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Tells a workload that a limit ended from one that ended by itself. The kernel counts per cgroup
 * which limits were in the way; a group serves one start, so every count belongs to this end.
 */
#include "controller/app/limit_hit.h"

#include <inttypes.h>
#include <signal.h>

static struct limit_hit hit_of(const struct limit_facts *facts, enum plan_resource resource,
			       uint64_t peak, uint64_t count, int64_t now_ms)
{
	return (struct limit_hit){
		.any = true,
		.resource = resource,
		.value = facts->resources->limits[resource].value,
		.peak = peak,
		.count = count,
		.at_ms = now_ms,
	};
}

/* A sandbox says of its command that signal N ended it by status 128 + N. */
static bool was_signalled(int wait_status, int number)
{
	return WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) == number
					: WEXITSTATUS(wait_status) == 128 + number;
}

struct limit_hit limit_hit_find(const struct limit_facts *facts, int64_t now_ms)
{
	const struct cgroup_usage *usage = facts->usage;
	if (facts->disk)
		return hit_of(facts, PLAN_DISK, facts->disk, 1, now_ms);
	if (facts->wait_status == 0)
		return (struct limit_hit){0};
	if (usage->oom_kills)
		return hit_of(facts, PLAN_MEMORY, usage->memory_peak, usage->oom_kills, now_ms);
	uint64_t file = facts->resources->limits[PLAN_FILE].value;
	if (was_signalled(facts->wait_status, SIGXFSZ) || (file && facts->largest_file >= file))
		return hit_of(facts, PLAN_FILE, file, 1, now_ms);
	if (usage->pids_refused) {
		uint64_t peak = usage->pids_peak > PLAN_OWN_PROCESSES
					? usage->pids_peak - PLAN_OWN_PROCESSES
					: 0;
		return hit_of(facts, PLAN_PIDS, peak, usage->pids_refused, now_ms);
	}
	return (struct limit_hit){0};
}

static const char *const what[PLAN_RESOURCES] = {
	[PLAN_MEMORY] = "memory limit",
	[PLAN_CPU] = "limit of CPUs",
	[PLAN_PIDS] = "limit of processes",
	[PLAN_DISK] = "disk limit",
	[PLAN_FILE] = "limit of the size of a file",
};

/* Memory and disk limits kill; others refuse, and the workload ends of it or does not. */
static void cause_text(const struct limit_hit *hit, int wait_status, char text[LIMIT_HIT_TEXT_MAX])
{
	char end[EXIT_TEXT_MAX];
	exit_text(wait_status, end);
	if (hit->resource == PLAN_PIDS)
		snprintf(text, LIMIT_HIT_TEXT_MAX, "%s after its %s refused %" PRIu64 " more", end,
			 what[hit->resource], hit->count);
	else if (hit->resource == PLAN_FILE && !was_signalled(wait_status, SIGXFSZ))
		snprintf(text, LIMIT_HIT_TEXT_MAX, "%s after a file had reached its %s", end,
			 what[hit->resource]);
	else if (hit->resource == PLAN_MEMORY && !was_signalled(wait_status, SIGKILL))
		snprintf(text, LIMIT_HIT_TEXT_MAX,
			 "%s after its %s ended %" PRIu64 " of its processes", end,
			 what[hit->resource], hit->count);
	else
		snprintf(text, LIMIT_HIT_TEXT_MAX, "was ended by its %s", what[hit->resource]);
}

void limit_hit_text(const struct limit_hit *hit, int wait_status, char text[LIMIT_HIT_TEXT_MAX])
{
	char value[PLAN_AMOUNT_MAX], peak[PLAN_AMOUNT_MAX], cause[LIMIT_HIT_TEXT_MAX];
	cause_text(hit, wait_status, cause);
	plan_amount_text(hit->resource, hit->value, value);
	if (hit->peak)
		plan_amount_text(hit->resource, hit->peak, peak);
	else
		snprintf(peak, sizeof(peak), "unknown");
	snprintf(text, LIMIT_HIT_TEXT_MAX, "%.160s: %s, peak %s; %s", cause, value, peak,
		 plan_resource_remedy(hit->resource));
}
