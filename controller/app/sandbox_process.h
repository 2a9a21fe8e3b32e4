// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One running capakit-sandbox as the controller sees it: a child process, its two output pipes,
 * which go to a log file, and, for a phase with network, the socket over which it hands out the
 * listener that it made inside.
 */
#include <sys/types.h>

#include "base/err.h"
#include "base/loop.h"
#include "controller/app/disk_watch.h"
#include "controller/app/limit_hit.h"
#include "controller/cgroup/cgroup.h"
#include "controller/logs/log_writer.h"
#include "controller/sandbox/policy.h"

struct sandbox;

struct sandbox_callbacks {
	/* The listener inside a sandbox with POLICY_NET_EGRESS; the callee takes it. It waits for
	 * sandbox_proceed. */
	void (*listener)(void *owner, int fd);
	/* Its command is executed; not called when that fails, or when it ends at once. May be
	 * NULL. */
	void (*executed)(void *owner);
	/* What it writes, besides going to the log: `errors` is its standard error. May be NULL. */
	void (*output)(void *owner, bool errors, const void *data, size_t len);
	/* It is gone and all its output is in the log; sandbox_start may be called again. */
	void (*ended)(void *owner, int wait_status);
};

struct sandbox_output {
	struct sandbox *sandbox;
	int fd;
	struct loop_io io;
};

#define SANDBOX_WHY_MAX 1024
#define SANDBOX_END_MAX (SANDBOX_WHY_MAX + 128)

struct sandbox {
	pid_t pid; // 0: not running
	struct loop *loop;
	struct loop_child child;
	struct sandbox_output output[2]; // standard output, standard error
	int handoff;
	struct loop_io handoff_io;
	int failure; // pipe: it ends when the command is executed
	struct loop_io failure_io;
	char why[SANDBOX_WHY_MAX]; // it executed nothing, by its own words, not the workload's; "":
				   // it did
	struct log_writer *log;
	const struct sandbox_callbacks *callbacks;
	void *owner;
	struct cgroup cgroup;	   // of this start
	struct cgroup_usage usage; // at its end
	struct disk_watch disk;
};

struct sandbox_start {
	const char *program;
	struct policy *policy;	// its `parent` and `handoff_fd` are written
	struct log_writer *log; // NULL: what it writes goes to the callback alone
	int stdio[3];		// each a descriptor that it gets; 0 or less: none, or a pipe to us
	const struct cgroup *cgroup; // of the app
	const char *cgroup_name;     // of this start, in it
	struct cgroup_limits limits;
	int upper; // folder that takes what it writes, duplicated; -1: none whose size matters
	uint64_t max_disk;
};

must_check bool sandbox_start(struct sandbox *sandbox, struct loop *loop,
			      const struct sandbox_start *start,
			      const struct sandbox_callbacks *callbacks, void *owner,
			      struct err *err);

/* What it uses now, or used up to its end. */
void sandbox_usage(const struct sandbox *sandbox, struct cgroup_usage *usage);

/* False: it ended since it could not be built, and nothing was executed in it. */
must_check bool sandbox_was_built(const struct sandbox *sandbox, int wait_status, struct err *err);

/* False: it ended before its command was executed. */
bool sandbox_has_run(const struct sandbox *sandbox);

/* How it ended, in words that follow "workload x ", and the limit that had a part in it. */
struct limit_hit sandbox_explain_end(const struct sandbox *sandbox,
				     const struct plan_resources *resources, int wait_status,
				     char text[SANDBOX_END_MAX]);

void sandbox_proceed(struct sandbox *sandbox); // after `listener`: execute the command
void sandbox_signal(struct sandbox *sandbox, int number);
