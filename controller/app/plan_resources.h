// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What each sandbox of a workload may use, and who holds it to that: pure decisions from the
 * manifest, the machine and what a person chose.
 */
#include <stdint.h>

#include "base/err.h"
#include "controller/cgroup/cgroup.h"
#include "controller/manifest/manifest.h"
#include "controller/sandbox/policy.h"

enum plan_resource {
	PLAN_MEMORY, // bytes
	PLAN_CPU,    // thousandths of a CPU
	PLAN_PIDS,   // processes and threads
	PLAN_DISK,   // bytes of the throwaway layer
	PLAN_FILE,   // bytes of one file
	PLAN_RESOURCES,
};

/* The launcher and process 1: they are in a sandbox's cgroup, and are not the workload's. */
#define PLAN_OWN_PROCESSES 2u

enum plan_holder {
	PLAN_HELD_BY_NONE,
	PLAN_HELD_BY_CGROUP_V2,
	PLAN_HELD_BY_CGROUP_V1,
	PLAN_HELD_BY_RLIMIT, // setrlimit(2)
	PLAN_HELD_BY_WATCH,  // measured now and then
};

struct plan_limit {
	uint64_t value; // 0: none
	enum plan_holder holder;
	bool named;	    // in the manifest
	const char *weaker; // static: in what way it is weaker than it should be; NULL: it is not
};

struct plan_resources {
	struct plan_limit limits[PLAN_RESOURCES];
};

struct plan_machine {
	const struct cgroup_support *cgroups;
	uint64_t memory;   // bytes that it has
	uint64_t max_disk; // --max-disk; 0: the default
};

/* ERR_UNSUPPORTED when the manifest names a limit that nothing on this machine holds. */
must_check bool plan_resources_choose(const struct plan_machine *machine,
				      const struct manifest_resources *wanted,
				      struct plan_resources *resources, struct err *err);

/* What of it the sandbox sets itself; `from` is where the manifest names its own (policy_from). */
void plan_resources_apply(const struct plan_resources *resources, const char *from,
			  struct policy *policy);

/* What of it the sandbox's cgroup holds. */
struct cgroup_limits plan_resources_cgroup(const struct plan_resources *resources);

#define PLAN_AMOUNT_MAX 64
/* "512 MiB", "1.5 CPUs", "128 processes and threads"; 0 is "no limit". */
void plan_amount_text(enum plan_resource resource, uint64_t value, char text[PLAN_AMOUNT_MAX]);
const char *plan_resource_name(enum plan_resource resource); // "memory", "cpus", "pids", ...
const char *plan_holder_name(enum plan_holder holder);	     // "cgroup v2", "rlimit", ...

/* The line of a manifest, or of the command line, that raises it. */
const char *plan_resource_remedy(enum plan_resource resource);
