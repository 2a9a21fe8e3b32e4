// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A number for a tree that is only ever read: it differs when something was added, removed, cut or
 * written by an accident, and costs no more than looking at each file. It is made of names, kinds,
 * permissions, sizes and times, not of contents: it is no protection against somebody who wants to
 * deceive, who can write the state folder anyway.
 */
#include <stdint.h>

#include "base/err.h"

struct seal {
	uint64_t number;
	uint64_t files; // and folders
	uint64_t bytes;
};

/* ERR_LIMIT: STORE_FILES_MAX, STORE_DEPTH_MAX. */
must_check bool seal_tree(int tree, struct seal *seal, struct err *err);
