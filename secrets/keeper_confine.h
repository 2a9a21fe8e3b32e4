// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Takes from the calling process all that the keeper does not need, for good: capabilities, every
 * file but those of the two folders, and every system call that is not in the table. What cannot
 * be taken is an error, and then the process must not go on.
 */
#include "base/err.h"

struct keeper_folders { // absolute; they exist
	const char *secrets;
	const char *audit;
};

must_check bool keeper_confine(const struct keeper_folders *folders, struct err *err);
