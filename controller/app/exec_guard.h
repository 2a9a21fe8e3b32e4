// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What a command of `capakit exec` may not leave in a workload's folder, though it may write there
 * (kit-contract.md, section 7): files that somebody outside runs or reads later, such as the hooks
 * in a `.git`, a `bunfig.toml`, a `.env*`, the manifest. Those that exist are found before, to be
 * made read-only; new ones are removed after. What lies in a node_modules is the packages' own.
 */
#include <sys/types.h>

#include "base/err.h"

struct exec_guarded {
	char *path; // relative to the folder
	dev_t device;
	ino_t inode;
};

struct exec_guard {
	struct exec_guarded *entries;
	size_t n;
};

/* Is this the name of such a file? Pure. */
bool exec_guard_names(const char *name);

/* Finds those below the open folder. At most EXEC_GUARDED_MAX; a symlink among them is an error. */
must_check bool exec_guard_find(struct exec_guard *guard, int folder, struct err *err);

/*
 * Removes all that exec_guard_find did not find, and says each to `removed`. Nothing inside may run
 * any more. On failure the rest is still looked at.
 */
must_check bool exec_guard_sweep(const struct exec_guard *guard, int folder,
				 void (*removed)(void *owner, const char *path), void *owner,
				 struct err *err);

void exec_guard_free(struct exec_guard *guard);
