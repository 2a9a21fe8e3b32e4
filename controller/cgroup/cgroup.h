// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Control groups: what holds the memory, CPU time and processes of a whole sandbox. An app run has
 * one, each sandbox has one in it for a single start, and all of them are gone when the run is.
 * Version 2 is used where this process may make groups beside its own (a delegated subtree, or as
 * root), version 1 where its hierarchies can be written (as root), each resource by itself, since
 * one machine may have some controllers here and some there. See cgroups(7) and the kernel's
 * Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum cgroup_kind {
	CGROUP_MEMORY,
	CGROUP_CPU,
	CGROUP_PIDS,
	CGROUP_TIME, // CPU time is counted; no limit
	CGROUP_KINDS,
};

enum cgroup_version { CGROUP_NONE, CGROUP_V1, CGROUP_V2 };

/* ---- what this machine lets this process hold */

struct cgroup_support {
	enum cgroup_version version[CGROUP_KINDS];
	char *parent[CGROUP_KINDS]; // folder in which groups are made; NULL with CGROUP_NONE
	const char *why_not, *fix;  // static; if any is CGROUP_NONE: why, and what to do about it
};

/*
 * Looks at this process's own groups. Nothing is made; on version 2 the controllers that are
 * there are switched on for the children of the parent group, as making a group would.
 */
void cgroup_probe(struct cgroup_support *support);
void cgroup_support_free(struct cgroup_support *support);

const char *cgroup_kind_name(enum cgroup_kind kind); // "memory", "cpu", "pids", "time"

/* ---- a group: a folder in each hierarchy that takes part */

struct cgroup_folder {
	enum cgroup_version version;
	unsigned kinds; // 1 << CGROUP_MEMORY | ...
	char *path;
	int fd;
};

struct cgroup {
	struct cgroup_folder folders[CGROUP_KINDS];
	size_t n_folders; // 0: no group
};

struct cgroup_limits {	 // 0: no limit
	uint64_t memory; // bytes, swap included
	uint32_t cpu_milli;
	uint32_t pids;
};

struct cgroup_usage {		      // what cannot be read is 0
	uint64_t memory, memory_peak; // bytes, with what is in tmpfs and the page cache
	uint64_t memory_hits;	      // how often the limit was reached
	uint64_t oom_kills;	      // processes that the limit ended
	uint64_t pids, pids_peak;
	uint64_t pids_refused; // forks
	uint64_t cpu_us;
	uint64_t throttled_us, throttled_periods; // by the limit of CPUs
};

/* The group `name` of an app run, in each parent of `support`. On error nothing is left. */
must_check bool cgroup_make_app(struct cgroup *group, const struct cgroup_support *support,
				const char *name, struct err *err);

/* A group within it, with its limits set. A limit whose kind no folder holds is an error. */
must_check bool cgroup_make(struct cgroup *group, const struct cgroup *app, const char *name,
			    const struct cgroup_limits *limits, struct err *err);

/*
 * For who starts a process in it: the folder for CLONE_INTO_CGROUP (clone3(2)), or -1; and for the
 * child, to enter those of version 1, or `all` (async-signal-safe; false with errno).
 */
int cgroup_clone_folder(const struct cgroup *group);
must_check bool cgroup_enter(const struct cgroup *group, bool all);

void cgroup_read(const struct cgroup *group, struct cgroup_usage *usage);

/* Ends every process in it, where the kernel can do that (version 2). */
void cgroup_kill(const struct cgroup *group);

/* Closes it and removes its folders; those that still hold something dying stay, for
 * cgroup_remove_tree. */
void cgroup_remove(struct cgroup *group);

/* Closes it; the folders stay. */
void cgroup_close(struct cgroup *group);

/*
 * Ends what is in the group with this folder and removes it and those below. True when it is gone,
 * or never was there.
 */
bool cgroup_remove_tree(const char *path);
