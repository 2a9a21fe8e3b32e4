// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The one walk over the files of a Kit: what is a Kit's, in which order, within which bounds.
 * Snapshots and packages are made of it, so that both hold the same. It follows no symlink.
 */
#include "base/err.h"

enum kit_entry_kind { KIT_ENTRY_FOLDER, KIT_ENTRY_FILE, KIT_ENTRY_LINK };

struct kit_entry { // the walk's own, for as long as it is visited
	enum kit_entry_kind kind;
	const char *path;   // relative to the Kit
	int fd;		    // of a folder or a file: open for reading; else -1
	bool runnable;	    // of a file: its mode lets somebody execute it
	const char *target; // of a symlink, as it stands there
};

struct kit_visitor {
	void *owner;
	/* Is told of .git, node_modules and .env*, which belong to no Kit. May be NULL. */
	void (*left_out)(void *owner, const char *path);
	/* May leave out a further entry, and what is below it. NULL: all are visited. */
	bool (*wants)(void *owner, const char *path, bool folder);
	/* A folder is visited before what is in it. */
	bool (*visit)(void *owner, const struct kit_entry *entry, struct err *err);
};

/*
 * Visits what is in the open folder `kit`, ordered by name in each folder. Bounds:
 * SNAPSHOT_FILES_MAX, SNAPSHOT_DEPTH_MAX; sockets, devices and pipes are errors.
 */
must_check bool kit_walk(int kit, const struct kit_visitor *visitor, struct err *err);
