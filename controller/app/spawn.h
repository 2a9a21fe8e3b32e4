// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Starts one of our own programs with nothing inherited: an empty environment, no arguments, the
 * descriptors that are listed and no others, a session of its own (a terminal's Ctrl-C goes to
 * the controller alone), and SIGKILL when the controller dies (PR_SET_PDEATHSIG).
 */
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "controller/cgroup/cgroup.h"

#define SPAWN_FDS_MAX 6

struct spawn {
	const char *program;	// absolute path
	int fds[SPAWN_FDS_MAX]; // what becomes descriptor 0, 1, 2, …; -1 leaves one closed
	size_t n_fds;
	uid_t uid; // as root: the user and group it runs as; 0: no change
	gid_t gid;
	const struct cgroup *cgroup; // that it runs in from its first instruction; NULL: ours
};

/* The process id, or -1. That exec fails shows as exit status 127, with a line on its stderr. */
pid_t spawn_program(const struct spawn *spawn, struct err *err);

/* Kills a process that was just started and cannot be watched, waits for it, and sets *pid to 0. */
void spawn_undo(pid_t *pid);
