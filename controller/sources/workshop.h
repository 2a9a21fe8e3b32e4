// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The place where one source is fetched and unpacked: a folder of its own among those of app runs
 * in the state folder, which a later `up` removes if nobody else did, the users that the work is
 * done as, and our programs. While it is open, Ctrl-C and its like wait (job.h looks at them): the
 * folder is removed first.
 */
#include <signal.h>
#include <sys/types.h>

#include "base/err.h"
#include "controller/app/names.h"
#include "controller/app/upstream.h"

struct workshop {
	char *state_path;
	int state;
	char id[RUN_ID_HEX];
	char *path; // of the folder
	int dir, lock, runs;
	int egress; // an empty folder in it: the whole file system of egress sidecars
	int ids;    // as root
	uid_t uid, egress_uid;
	char *sandbox_program, *sidecar_program, *unpack_program;
	struct upstreams upstreams; // how this host gets out
	sigset_t signals, before;   // those that wait; the mask of before
	mode_t mask; // of before: folders here say their modes
	bool blocked;
};

must_check bool workshop_open(struct workshop *workshop, struct err *err);
void workshop_close(struct workshop *workshop); // also a half-open one

/* A new, empty folder in it; its path, which the caller frees. */
char *workshop_folder(const struct workshop *workshop, const char *name, struct err *err);
