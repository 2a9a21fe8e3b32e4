// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the entries of an archive may be called, and what its symlinks may point to. Pure. Errors
 * say what is wrong with the name; the caller says which entry it was.
 */
#include "base/err.h"
#include "base/limits.h"

/*
 * Writes the name as it is used: relative, without "./" before it or, for a folder, "/" behind it;
 * "" is the archive's own folder. Refused is whatever could be read in two ways or leads out:
 * absolute names, ".." and ".", empty components, bytes that cannot be shown, `.git`, and what is
 * too long or too deep.
 */
must_check bool entry_name_check(const char *name, bool folder, char used[SOURCE_PATH_MAX + 1],
				 struct err *err);

/* Whether a symlink at `path` (as used) that points to `target` stays below the archive's folder.
 */
must_check bool entry_link_check(const char *path, const char *target, struct err *err);

/*
 * The name as it is compared with others: in lower case, as a file system would that tells no case
 * apart. The caller frees.
 */
char *entry_name_fold(const char *name);
