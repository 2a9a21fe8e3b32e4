// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Which limit ended a workload, from how it ended and what its cgroup counted. Pure. */
#include "controller/app/exit_text.h"
#include "controller/app/plan_resources.h"

struct limit_hit {
	bool any; // else no limit had a part in it
	enum plan_resource resource;
	uint64_t value; // of the limit
	uint64_t peak;	// the most that was in use, in the same unit; 0: unknown
	uint64_t count; // processes that it ended, or forks that it refused
	int64_t at_ms;	// wall clock
};

struct limit_facts {
	const struct plan_resources *resources;
	const struct cgroup_usage *usage; // at the end
	int wait_status;		  // of the sandbox
	uint64_t disk;			  // bytes at which the watch ended it; 0: it did not
	uint64_t largest_file;		  // bytes, of what it left
};

struct limit_hit limit_hit_find(const struct limit_facts *facts, int64_t now_ms);

#define LIMIT_HIT_TEXT_MAX 320
/* How it ended, the limit, its value, the peak, and what to do: what follows "workload x ". */
void limit_hit_text(const struct limit_hit *hit, int wait_status, char text[LIMIT_HIT_TEXT_MAX]);
