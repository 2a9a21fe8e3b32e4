// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Landlock's three system calls (landlock(7)), in the terms of the newest version that is known
 * here: an older kernel is asked for as much as it knows. ABI 1 (Linux 5.13) is the floor. The
 * numbers are written out because the distribution's headers are older than the kernels this runs
 * on. None of these calls asks for no_new_privs; landlock_apply needs it, or CAP_SYS_ADMIN.
 */
#include <stdint.h>

#include "base/err.h"

enum landlock_fs {
	LANDLOCK_EXECUTE = 1 << 0,
	LANDLOCK_WRITE_FILE = 1 << 1,
	LANDLOCK_READ_FILE = 1 << 2,
	LANDLOCK_READ_DIR = 1 << 3,
	LANDLOCK_REMOVE_DIR = 1 << 4,
	LANDLOCK_REMOVE_FILE = 1 << 5,
	LANDLOCK_MAKE_CHAR = 1 << 6,
	LANDLOCK_MAKE_DIR = 1 << 7,
	LANDLOCK_MAKE_REG = 1 << 8,
	LANDLOCK_MAKE_BLOCK = 1 << 11,
	LANDLOCK_REFER = 1 << 13,     // ABI 2
	LANDLOCK_TRUNCATE = 1 << 14,  // ABI 3
	LANDLOCK_IOCTL_DEV = 1 << 15, // ABI 5
	LANDLOCK_ALL_FILES = (1 << 16) - 1,
};
enum landlock_net { LANDLOCK_BIND_TCP = 1, LANDLOCK_CONNECT_TCP = 2 };	 // ABI 4
enum landlock_scope { LANDLOCK_ABSTRACT_UNIX = 1, LANDLOCK_SIGNAL = 2 }; // ABI 6

struct landlock_handled { // what the rules are about: forbidden, unless a rule allows it
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

/* The version that the kernel has; 0 with ERR_UNSUPPORTED: none, and what to do. */
int landlock_version(struct err *err);

/* A set of rules, or -1. *handled is cut down to what this kernel knows. */
int landlock_open(struct landlock_handled *handled, struct err *err);

/*
 * Allows `rights` (those handled) beneath `fd`, of a folder, or on that file alone. `name` is for
 * the error.
 */
must_check bool landlock_allow(int rules, const struct landlock_handled *handled, int fd,
			       uint64_t rights, const char *name, struct err *err);

/* From now on, and for every child. */
must_check bool landlock_apply(int rules, struct err *err);
