// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A snapshot is a Kit's folder as it was at `up`, kept by content in the store (store.h), with its
 * digest as key. It leaves out .git, node_modules and .env*, follows no symlink, and is what
 * sandboxes mount: a live folder under an overlay would show old and new files mixed.
 */
#include "base/err.h"
#include "base/sha256.h"

/*
 * Makes the snapshot unless one with the same content is there. `kit` and `state` are open folders,
 * the store is locked; `identity` is the Kit's. What is in it and its bounds:
 * controller/store/walk.h.
 */
must_check bool snapshot_take(int kit, int state, const char *identity, char digest[SHA256_HEX],
			      struct err *err);

/* Copies what is in the open folder `from`, by the same rules, into the empty folder `to`. */
must_check bool snapshot_copy(int from, int to, struct err *err);
