// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Where a Kit comes from (kit-contract.md, section 1), as a person names it on the command line or
 * a manifest as a dependency: a folder, a .capakit archive, or a git URL. What is not a folder is
 * fetched or unpacked, once for each content, and read from the snapshot that was made of it.
 */
#include "base/err.h"
#include "controller/store/kit_identity.h"

struct kit_source {
	enum kit_source_kind kind;
	char *name;   // for people: a folder's or an archive's real path, a git URL with its ref
	char *origin; // with `kind`, what the Kit's identity is made of
	int dir;      // the open folder that holds the manifest

	int lock; // GIT, ARCHIVE: keeps what is kept from being removed; close it when all is read

	int tree;     // GIT, ARCHIVE: all that came with it; no `path:` leaves it. Else -1
	char *below;  // where in it the Kit is; "" is the top
	bool local;   // it may depend on git repositories of this machine
	char *remote; // what git_source.c knows the remote by that the person named, or NULL
};

/* One that nothing was opened of. */
#define KIT_SOURCE_NONE                                                                            \
	(struct kit_source)                                                                        \
	{                                                                                          \
		.dir = -1, .lock = -1, .tree = -1                                                  \
	}

/* `name` NULL or "" means the current folder. Says on standard error what it fetches. After a
 * failure nothing is open. */
must_check bool kit_source_open(const char *name, struct kit_source *source, struct err *err);
/*
 * The Kit that another depends on: at `path` relative to that one, or, when `path` is NULL, at
 * the git URL `git`.
 */
must_check bool kit_source_open_dependency(const struct kit_source *of, const char *path,
					   const char *git, struct kit_source *source,
					   struct err *err);
void kit_source_close(struct kit_source *source);
