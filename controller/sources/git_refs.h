// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What `git ls-remote` prints, which is what a remote says of itself. Pure. */
#include <stddef.h>

#include "base/err.h"

#define GIT_COMMIT_HEX 41 // with its NUL

/*
 * The commit that `ref` means: a branch, else a tag (what an annotated one points to), else the
 * commit with this id; NULL: what HEAD is. ERR_MISSING names one that is near.
 */
must_check bool git_refs_find(const char *listing, size_t len, const char *ref,
			      char commit[GIT_COMMIT_HEX], struct err *err);
