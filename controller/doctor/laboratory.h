// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A folder below the state folder for what the doctor tries, and, as root, a user of the host for
 * the sandboxes. All of it is gone after laboratory_close.
 */
#include <sys/types.h>

#include "base/err.h"

struct laboratory {
	char *path; // real
	int state;
	char name[24];
	int ids;
	uid_t uid; // of workloads; 0: not root
};

#define LABORATORY_NONE                                                                            \
	{                                                                                          \
		.state = -1, .ids = -1                                                             \
	}

must_check bool laboratory_open(struct laboratory *laboratory, struct err *err);
void laboratory_close(struct laboratory *laboratory); // also one that failed to open

/* Makes a folder below it, and those between; the path, which the caller frees. NULL: failed. */
char *laboratory_folder(const struct laboratory *laboratory, const char *name, struct err *err);
