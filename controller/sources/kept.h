// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Sources that were fetched, as entries of the store (controller/store/store.h). Each is known by
 * where it came from and which version it is: a git URL without its ref and a commit, an archive
 * and its digest. Two remotes never share one, also when both say that it is the same commit.
 */
#include "base/err.h"
#include "base/sha256.h"
#include "controller/store/kit_identity.h"

void kept_key(enum kit_source_kind kind, const char *origin, const char *version,
	      char key[SHA256_HEX]);

/*
 * The open tree of a source that is kept, and in *lock what keeps it from being removed until it is
 * closed. -1: there is none, which is no error.
 */
int kept_open(int state, const char key[SHA256_HEX], int *lock);
