// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Which run uses which entries of the store: its lock file says so, one "layers/<key>" a line. A
 * run goes on as long as somebody holds that lock (its controller, then its janitor) and it is
 * there.
 */
#include <stddef.h>

#include "base/err.h"

struct store_uses {
	char **names;
	size_t count;
};

void uses_add(struct store_uses *uses, const char *folder, const char *key);
bool uses_has(const struct store_uses *uses, const char *folder, const char *key);
void uses_free(struct store_uses *uses);

/* Into the empty lock file of a run. Call it with the store locked. */
must_check bool uses_write(int lock, const struct store_uses *uses, struct err *err);

/* Adds what all runs use that go on. `state` is the open state folder. An error when one of them
 * does not say what it uses. What it says stays true while the store is locked exclusively. */
must_check bool uses_read_all(int state, struct store_uses *uses, struct err *err);

/* Whether the run of this name in the open folder `runs` is over, though nobody removed it. */
bool uses_run_is_over(int runs, const char *run);
