// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Chooses limits and their holders. What a manifest names is held as it says or refused; what it
 * leaves open gets a default, and where a default cannot be held properly, a weaker holder that is
 * shown as such.
 */
#include "controller/app/plan_resources.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"

#define OWN_INSIDE 1u // process 1, which RLIMIT_NPROC counts
#define RLIMIT_SLACK                                                                               \
	64u // behind a cgroup, which is to be the first to say no, since it counts that

static const struct {
	const char *name, *remedy;
} resources_info[PLAN_RESOURCES] = {
	[PLAN_MEMORY] = {"memory", "raise `resources: memory` in the manifest"},
	[PLAN_CPU] = {"cpus", "raise `resources: cpus` in the manifest"},
	[PLAN_PIDS] = {"pids", "raise `resources: pids` in the manifest"},
	[PLAN_DISK] = {"disk", "raise it with --max-disk, or write to a mount"},
	[PLAN_FILE] = {"file_size", "raise it with --max-disk"},
};

const char *plan_resource_name(enum plan_resource resource)
{
	return resources_info[resource].name;
}

const char *plan_resource_remedy(enum plan_resource resource)
{
	return resources_info[resource].remedy;
}

const char *plan_holder_name(enum plan_holder holder)
{
	static const char *const names[] = {
		[PLAN_HELD_BY_NONE] = "nothing",	[PLAN_HELD_BY_CGROUP_V2] = "cgroup v2",
		[PLAN_HELD_BY_CGROUP_V1] = "cgroup v1", [PLAN_HELD_BY_RLIMIT] = "rlimit",
		[PLAN_HELD_BY_WATCH] = "watch",
	};
	return names[holder];
}

static void bytes_text(uint64_t bytes, char text[PLAN_AMOUNT_MAX])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	size_t unit = 0;
	double amount = (double)bytes;
	while (amount >= 1024 && unit + 1 < array_len(units)) {
		amount /= 1024;
		unit++;
	}
	snprintf(text, PLAN_AMOUNT_MAX, "%.4g %s", amount, units[unit]);
}

void plan_amount_text(enum plan_resource resource, uint64_t value, char text[PLAN_AMOUNT_MAX])
{
	if (value == 0)
		snprintf(text, PLAN_AMOUNT_MAX, "no limit");
	else if (resource == PLAN_CPU)
		snprintf(text, PLAN_AMOUNT_MAX, "%.6g CPU%s", (double)value / 1000,
			 value == 1000 ? "" : "s");
	else if (resource == PLAN_PIDS)
		snprintf(text, PLAN_AMOUNT_MAX, "%" PRIu64 " processes and threads", value);
	else
		bytes_text(value, text);
}

static enum plan_holder cgroup_holder(const struct plan_machine *machine, enum cgroup_kind kind)
{
	static const enum plan_holder holders[] = {
		[CGROUP_NONE] = PLAN_HELD_BY_NONE,
		[CGROUP_V1] = PLAN_HELD_BY_CGROUP_V1,
		[CGROUP_V2] = PLAN_HELD_BY_CGROUP_V2,
	};
	return holders[machine->cgroups->version[kind]];
}

static bool cannot_hold(const struct plan_machine *machine, enum plan_resource resource,
			uint64_t value, struct err *err)
{
	char amount[PLAN_AMOUNT_MAX];
	plan_amount_text(resource, value, amount);
	return err_set(
		err, ERR_UNSUPPORTED,
		"the manifest limits it to %s (`resources: %s`), which cannot be held here: %s; %s",
		amount, plan_resource_name(resource), machine->cgroups->why_not,
		machine->cgroups->fix);
}

static uint64_t default_memory(const struct plan_machine *machine)
{
	uint64_t share = machine->memory / SANDBOX_MEMORY_SHARE;
	return share > SANDBOX_MEMORY_LEAST ? share : SANDBOX_MEMORY_LEAST;
}

static bool choose_memory(const struct plan_machine *machine, uint64_t wanted,
			  struct plan_limit *limit, struct err *err)
{
	*limit = (struct plan_limit){
		.value = wanted ? wanted : default_memory(machine),
		.holder = cgroup_holder(machine, CGROUP_MEMORY),
		.named = wanted != 0,
	};
	if (limit->holder != PLAN_HELD_BY_NONE)
		return true;
	if (wanted)
		return cannot_hold(machine, PLAN_MEMORY, wanted, err);
	limit->holder = PLAN_HELD_BY_RLIMIT;
	limit->weaker = "each process by itself, not all of them together, and without tmpfs";
	return true;
}

static bool choose_cpu(const struct plan_machine *machine, uint32_t wanted,
		       struct plan_limit *limit, struct err *err)
{
	*limit = (struct plan_limit){.value = wanted, .named = wanted != 0};
	if (!wanted)
		return true;
	limit->holder = cgroup_holder(machine, CGROUP_CPU);
	return limit->holder != PLAN_HELD_BY_NONE || cannot_hold(machine, PLAN_CPU, wanted, err);
}

/* Without a cgroup the sandbox's user namespace counts: exact, but nobody is told. */
static void choose_pids(const struct plan_machine *machine, uint32_t wanted,
			struct plan_limit *limit)
{
	*limit = (struct plan_limit){
		.value = wanted ? wanted : SANDBOX_PIDS_DEFAULT,
		.holder = cgroup_holder(machine, CGROUP_PIDS),
		.named = wanted != 0,
	};
	if (limit->holder == PLAN_HELD_BY_NONE)
		limit->holder = PLAN_HELD_BY_RLIMIT;
}

bool plan_resources_choose(const struct plan_machine *machine,
			   const struct manifest_resources *wanted,
			   struct plan_resources *resources, struct err *err)
{
	struct plan_limit *limits = resources->limits;
	uint64_t disk = machine->max_disk ? machine->max_disk : SANDBOX_DISK_DEFAULT;
	choose_pids(machine, wanted->pids, &limits[PLAN_PIDS]);
	limits[PLAN_DISK] = (struct plan_limit){
		.value = disk,
		.holder = PLAN_HELD_BY_WATCH,
		.weaker = "what is written between two looks, and deleted files that are still "
			  "open, are not counted",
	};
	limits[PLAN_FILE] = (struct plan_limit){.value = disk, .holder = PLAN_HELD_BY_RLIMIT};
	return choose_memory(machine, wanted->memory, &limits[PLAN_MEMORY], err) &&
	       choose_cpu(machine, wanted->cpu_milli, &limits[PLAN_CPU], err);
}

static bool is_cgroup(enum plan_holder holder)
{
	return holder == PLAN_HELD_BY_CGROUP_V1 || holder == PLAN_HELD_BY_CGROUP_V2;
}

void plan_resources_apply(const struct plan_resources *resources, const char *from,
			  struct policy *policy)
{
	const struct plan_limit *memory = &resources->limits[PLAN_MEMORY];
	const struct plan_limit *pids = &resources->limits[PLAN_PIDS];
	policy_from(policy, pids->named ? from : "");
	if (is_cgroup(pids->holder))
		policy_set_limit(policy, POLICY_LIMIT_NPROC, pids->value + RLIMIT_SLACK,
				 "behind the limit of its cgroup");
	else
		policy_set_limit(policy, POLICY_LIMIT_NPROC, pids->value + OWN_INSIDE,
				 "a fork bomb ends here; one of them is the sandbox's process 1");
	policy_from(policy, "");
	policy_set_limit(policy, POLICY_LIMIT_FSIZE, resources->limits[PLAN_FILE].value,
			 "one file may not use up the host's disk");
	if (memory->holder == PLAN_HELD_BY_RLIMIT)
		policy_set_limit(policy, POLICY_LIMIT_DATA, memory->value,
				 "no cgroup holds the memory of the whole sandbox here");
}

struct cgroup_limits plan_resources_cgroup(const struct plan_resources *resources)
{
	const struct plan_limit *limits = resources->limits;
	struct cgroup_limits held = {0};
	if (is_cgroup(limits[PLAN_MEMORY].holder))
		held.memory = limits[PLAN_MEMORY].value;
	if (is_cgroup(limits[PLAN_CPU].holder))
		held.cpu_milli = (uint32_t)limits[PLAN_CPU].value;
	if (is_cgroup(limits[PLAN_PIDS].holder))
		held.pids = (uint32_t)limits[PLAN_PIDS].value + PLAN_OWN_PROCESSES;
	return held;
}
