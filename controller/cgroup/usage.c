// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a group has used and how often a limit was in its way. The two versions say the same in
 * other files and units.
 */
#include "controller/cgroup/cgroup.h"
#include "controller/cgroup/facts.h"
#include "controller/cgroup/files.h"

static uint64_t number_in(const struct cgroup_folder *folder, const char *file)
{
	char text[CGROUP_FILE_MAX];
	uint64_t value = 0;
	return cgroup_file_read(folder->fd, file, text) && facts_number(text, &value) ? value : 0;
}

static uint64_t counter_in(const struct cgroup_folder *folder, const char *file, const char *key)
{
	char text[CGROUP_FILE_MAX];
	uint64_t value = 0;
	return cgroup_file_read(folder->fd, file, text) && facts_counter(text, key, &value) ? value
											    : 0;
}

static void read_memory(const struct cgroup_folder *folder, struct cgroup_usage *usage)
{
	if (folder->version == CGROUP_V2) {
		usage->memory = number_in(folder, "memory.current");
		usage->memory_peak = number_in(folder, "memory.peak");
		usage->memory_hits = counter_in(folder, "memory.events", "max");
		usage->oom_kills = counter_in(folder, "memory.events", "oom_kill");
		return;
	}
	usage->memory = number_in(folder, "memory.usage_in_bytes");
	usage->memory_peak = number_in(folder, "memory.max_usage_in_bytes");
	usage->memory_hits = number_in(folder, "memory.failcnt");
	usage->oom_kills = counter_in(folder, "memory.oom_control", "oom_kill");
}

static void read_pids(const struct cgroup_folder *folder, struct cgroup_usage *usage)
{
	usage->pids = number_in(folder, "pids.current");
	usage->pids_peak = number_in(folder, "pids.peak");
	usage->pids_refused = counter_in(folder, "pids.events", "max");
}

static void read_cpu(const struct cgroup_folder *folder, struct cgroup_usage *usage)
{
	usage->throttled_periods = counter_in(folder, "cpu.stat", "nr_throttled");
	usage->throttled_us = folder->version == CGROUP_V2
				      ? counter_in(folder, "cpu.stat", "throttled_usec")
				      : counter_in(folder, "cpu.stat", "throttled_time") / 1000;
}

static void read_time(const struct cgroup_folder *folder, struct cgroup_usage *usage)
{
	usage->cpu_us = folder->version == CGROUP_V2 ? counter_in(folder, "cpu.stat", "usage_usec")
						     : number_in(folder, "cpuacct.usage") / 1000;
}

void cgroup_read(const struct cgroup *group, struct cgroup_usage *usage)
{
	static void (*const readers[CGROUP_KINDS])(const struct cgroup_folder *,
						   struct cgroup_usage *) = {
		[CGROUP_MEMORY] = read_memory,
		[CGROUP_CPU] = read_cpu,
		[CGROUP_PIDS] = read_pids,
		[CGROUP_TIME] = read_time,
	};
	*usage = (struct cgroup_usage){0};
	for (size_t i = 0; i < group->n_folders; i++)
		for (enum cgroup_kind kind = 0; kind < CGROUP_KINDS; kind++)
			if (group->folders[i].kinds & 1u << kind)
				readers[kind](&group->folders[i], usage);
}
