// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A buffer for a secret: locked into memory (mlock(2)), left out of core files, wiped when freed.
 * Memory that cannot be locked is an error, never memory that is not.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct locked {
	uint8_t *data;
	size_t len; // used; the owner sets it
	size_t cap;
};

must_check bool locked_new(struct locked *locked, size_t cap, struct err *err);
void locked_free(struct locked *locked); // may be called twice, and on a zeroed one
#define auto_locked __attribute__((cleanup(locked_free)))
