// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Reads an archive that holds a Kit: tar (POSIX ustar and pax, and what GNU tar writes), as it is
 * or compressed with zstd or gzip. The bytes are hostile. What an archive may hold is files,
 * folders and symlinks that stay inside; the first thing that is something else ends it with an
 * error that names the entry, and what was made so far is of no use. Bounds: SOURCE_* of limits.h.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* What is made of the entries. Names are clean (entry_name.h); folders come before what is in them.
 */
struct unpack_sink {
	void *owner;
	bool (*folder)(void *owner, const char *name, struct err *err);
	bool (*link)(void *owner, const char *name, const char *target, struct err *err);
	bool (*file)(void *owner, const char *name, bool runnable, struct err *err);
	bool (*data)(void *owner, const void *data, size_t len, struct err *err); // of that file
};

/*
 * The locale's LC_CTYPE has to be UTF-8, or names that are not ASCII are refused. `fd` stays the
 * caller's.
 */
must_check bool unpack_fd(int fd, const struct unpack_sink *sink, struct err *err);
must_check bool unpack_memory(const void *data, size_t len, const struct unpack_sink *sink,
			      struct err *err);

/* A sink that writes below an open folder, which is empty and nobody else's. */
struct unpack_tree {
	int root;
	int file; // open, of the file at hand; -1
};
void unpack_tree_sink(struct unpack_tree *tree, int root, struct unpack_sink *sink);
/* The last file is complete; call it also after an error. */
void unpack_tree_close(struct unpack_tree *tree);
