// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What is kept from run to run in the state folder, each thing by a key that is a digest of what
 * it was made of:
 *   snapshots/<key>/   a Kit as it was at `up`
 *   layers/<key>/      what a prepare or hydrate phase made
 *   sources/<key>/     what was fetched
 * Each is an entry: the folder `tree`, only ever mounted read-only, and its record (record.h). An
 * entry is put together under another name, written out, and renamed: what is there by its key is
 * whole. `state` is the open state folder.
 */
#include <dirent.h>

#include "base/err.h"

enum store_kind { STORE_SNAPSHOT, STORE_LAYER, STORE_SOURCE, STORE_KINDS };

const char *store_folder(enum store_kind kind);	   // "snapshots"
const char *store_kind_name(enum store_kind kind); // "snapshot"

/*
 * Whether the entry is there, whole and as it was published; one that is damaged is named in the
 * log. It counts as used now.
 */
bool store_has(int state, enum store_kind kind, const char *key);

/* An entry that is being made: fill `folder` with a folder `tree`, on the entries' file system. */
struct store_draft {
	int state; // the caller's
	enum store_kind kind;
	int folder;
	char *name;
};

/* Call it with the store locked, and keep the lock until the draft is published or discarded. */
must_check bool store_draft_open(struct store_draft *draft, int state, enum store_kind kind,
				 struct err *err);

/*
 * Writes the draft out and makes it the entry `key`; closes it in any case. `kit` and `what` say
 * for people whose it is and what it is. An entry that is there already stays, unless it is
 * damaged. ERR_LIMIT: STORE_FILES_MAX, STORE_DEPTH_MAX.
 */
must_check bool store_draft_publish(struct store_draft *draft, const char *key, const char *kit,
				    const char *what, struct err *err);
void store_draft_discard(struct store_draft *draft); // may be called twice

/*
 * The lock of the store: shared by who looks entries up, makes them, and says that it uses them;
 * exclusive for who removes them. It is given back by closing the descriptor.
 */
int store_lock_shared(int state, struct err *err);
int store_lock_exclusive(int state, struct err *err); // says it when it has to wait

/*
 * The lock of whoever makes the entry `key`, so that it is made once. -1 with ERR_EXISTS: somebody
 * else has it.
 */
int store_lock_making(int state, const char *key, struct err *err);
void store_unlock_making(int state, const char *key, int *lock);

/* Takes an entry out of the store. Call it with the store locked exclusively. */
must_check bool store_discard(int state, enum store_kind kind, const char *key, struct err *err);

/* Deletes what was taken out, and what killed processes left half made. Takes no lock for long. */
must_check bool store_sweep(int state, struct err *err);

/* The entries of a kind, as readdir(3) gives them, or NULL. Names that begin with "." are none. */
DIR *store_list(int state, enum store_kind kind);

/* An entry's folder, or -1. */
int store_open_entry(int state, enum store_kind kind, const char *key, struct err *err);
