// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Where a Kit comes from (kit-contract.md, section 1), as a person names it on the command line.
 * A folder for now; git URLs and archives are recognised and refused by name.
 */
#include "base/err.h"
#include "controller/store/kit_identity.h"

struct kit_source {
	enum kit_source_kind kind;
	char *path; // real path of the folder
	int dir;    // the open folder
};

/* `name` NULL or "" means the current folder. */
must_check bool kit_source_open(const char *name, struct kit_source *source, struct err *err);
/*
 * The Kit that another depends on: at `path` relative to that one, or, when `path` is NULL, at
 * the git URL `git`.
 */
must_check bool kit_source_open_dependency(const struct kit_source *of, const char *path,
					   const char *git, struct kit_source *source,
					   struct err *err);
void kit_source_close(struct kit_source *source);
