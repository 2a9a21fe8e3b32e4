// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A file that appears under its name when it is whole, and not before: written beside it under
 * another name, synced, renamed.
 */
#include "base/err.h"

struct output {
	int fd; // to write to; -1 after output_publish or output_drop
	int dir;
	char *name;
	char *temporary;
	bool replace;
};

/* ERR_EXISTS when `path` exists and may not be replaced. output_drop is to follow in any case. */
must_check bool output_open(struct output *output, const char *path, bool replace, struct err *err);
must_check bool output_publish(struct output *output, struct err *err);
void output_drop(struct output *output); // removes what was not published; may be called twice
