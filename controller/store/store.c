// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Entries of the store, published by rename after everything of them was written out. A power cut
 * leaves an entry whole or not there; what it leaves of drafts (".new-…") and of trash is deleted
 * by the next store_sweep.
 */
#include "controller/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/text.h"
#include "controller/store/record.h"
#include "controller/store/seal.h"

#define DRAFT_PREFIX ".new-"
#define TRASH "trash"

const char *store_folder(enum store_kind kind)
{
	static const char *const names[] = {[STORE_SNAPSHOT] = "snapshots",
					    [STORE_LAYER] = "layers",
					    [STORE_SOURCE] = "sources"};
	return names[kind];
}

const char *store_kind_name(enum store_kind kind)
{
	static const char *const names[] = {
		[STORE_SNAPSHOT] = "snapshot", [STORE_LAYER] = "layer", [STORE_SOURCE] = "source"};
	return names[kind];
}

static int open_folder(int parent, const char *name, struct err *err)
{
	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST) {
		err_sys(err, errno, "cannot make the folder %s in the state folder", name);
		return -1;
	}
	return path_open_beneath(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
}

static bool random_name(const char *prefix, char **name, struct err *err)
{
	uint8_t bytes[8];
	char hex[2 * sizeof(bytes) + 1];
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return err_sys(err, errno, "cannot get random bytes");
	text_hex(hex, bytes, sizeof(bytes));
	*name = xasprintf("%s%s", prefix, hex);
	return true;
}

/* ---- looking up ---- */

int store_open_entry(int state, enum store_kind kind, const char *key, struct err *err)
{
	auto_free char *name = xasprintf("%s/%s", store_folder(kind), key);
	return path_open_beneath(state, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
}

DIR *store_list(int state, enum store_kind kind)
{
	auto_fd int fd =
		openat(state, store_folder(kind), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	if (list)
		take_fd(&fd); // closed with the list
	return list;
}

static bool seal_entry(int entry, struct seal *seal, char hex[RECORD_SEAL_HEX], struct err *err)
{
	auto_fd int tree =
		path_open_beneath(entry, "tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	if (tree < 0 || !seal_tree(tree, seal, err))
		return false;
	snprintf(hex, RECORD_SEAL_HEX, "%016llx", (unsigned long long)seal->number);
	return true;
}

static bool is_as_published(int entry)
{
	struct store_record record;
	struct seal seal;
	struct err ignored;
	char hex[RECORD_SEAL_HEX];
	bool same = record_read(entry, &record) && seal_entry(entry, &seal, hex, &ignored) &&
		    str_eq(hex, record.seal);
	record_free(&record);
	return same;
}

bool store_has(int state, enum store_kind kind, const char *key)
{
	struct err ignored;
	auto_fd int entry = store_open_entry(state, kind, key, &ignored);
	if (entry < 0)
		return false;
	if (!is_as_published(entry)) {
		log_warn("the %s %s is damaged; making it again", store_kind_name(kind), key);
		return false;
	}
	record_touch(entry);
	return true;
}

/* ---- removing ---- */

/* Moves a folder of `parent` to where nobody looks for it. */
static bool to_trash(int state, int parent, const char *name, struct err *err)
{
	auto_free char *other = NULL;
	auto_fd int trash = open_folder(state, TRASH, err);
	if (trash < 0 || !random_name("", &other, err))
		return false;
	if (renameat(parent, name, trash, other) < 0 && errno != ENOENT)
		return err_sys(err, errno, "cannot remove %s from the state folder", name);
	return true;
}

bool store_discard(int state, enum store_kind kind, const char *key, struct err *err)
{
	auto_fd int folder = open_folder(state, store_folder(kind), err);
	return folder >= 0 && to_trash(state, folder, key, err);
}

static bool discard_drafts(int state, struct err *err)
{
	bool ok = true;
	for (enum store_kind kind = 0; kind < STORE_KINDS; kind++) {
		DIR *list = store_list(state, kind);
		if (!list)
			continue;
		for (struct dirent *entry; ok && (entry = readdir(list));)
			if (str_starts(entry->d_name, DRAFT_PREFIX))
				ok = to_trash(state, dirfd(list), entry->d_name, err);
		closedir(list);
	}
	return ok;
}

static bool empty_trash(int state, struct err *err)
{
	auto_fd int trash = open_folder(state, TRASH, err);
	auto_fd int copy = trash < 0 ? -1 : dup(trash);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	if (!list)
		return trash >= 0 ? err_sys(err, errno, "cannot list what was removed") : false;
	take_fd(&copy); // closed with the list
	bool ok = true;
	for (struct dirent *entry; (entry = readdir(list));) {
		struct stat st;
		if (entry->d_name[0] == '.' || path_remove_tree(trash, entry->d_name, err))
			continue;
		/* Somebody else may be emptying it too. */
		ok = fstatat(trash, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 && ok;
	}
	closedir(list);
	return ok;
}

/* ---- locks ---- */

static int open_lock(int state, const char *name, struct err *err)
{
	return path_open_beneath(state, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600, err);
}

static int lock_store(int state, int how, struct err *err)
{
	auto_fd int lock = open_lock(state, "store.lock", err);
	int got;
	while (lock >= 0 && (got = flock(lock, how)) < 0 && errno == EINTR)
		;
	if (lock < 0)
		return -1;
	if (got == 0)
		return take_fd(&lock);
	if (errno == EWOULDBLOCK)
		err_set(err, ERR_EXISTS, "another capakit uses the store at the moment");
	else
		err_sys(err, errno, "cannot lock the store");
	return -1;
}

int store_lock_shared(int state, struct err *err)
{
	return lock_store(state, LOCK_SH, err);
}

int store_lock_exclusive(int state, struct err *err)
{
	int lock = lock_store(state, LOCK_EX | LOCK_NB, err);
	if (lock >= 0 || err->code != ERR_EXISTS)
		return lock;
	log_warn("waiting for an app that is being started, or for a source that is fetched");
	return lock_store(state, LOCK_EX, err);
}

bool store_sweep(int state, struct err *err)
{
	struct err busy;
	auto_fd int lock = lock_store(state, LOCK_EX | LOCK_NB, &busy);
	if (lock >= 0 && !discard_drafts(state, err)) // else they may be somebody's
		return false;
	fd_close(&lock);
	return empty_trash(state, err);
}

static char *making_name(const char *key)
{
	return xasprintf("%s.lock", key);
}

/* A lock file is removed by who held it: the one that was locked must be the one that is there. */
static bool is_still_there(int locks, const char *name, int lock)
{
	struct stat held, there;
	return fstat(lock, &held) == 0 && fstatat(locks, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}

int store_lock_making(int state, const char *key, struct err *err)
{
	auto_free char *name = making_name(key);
	auto_fd int locks = open_folder(state, "making", err);
	if (locks < 0)
		return -1;
	for (;;) {
		auto_fd int lock = open_lock(locks, name, err);
		if (lock < 0)
			return -1;
		if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
			if (is_still_there(locks, name, lock))
				return take_fd(&lock);
		} else if (errno == EWOULDBLOCK) {
			err_set(err, ERR_EXISTS, "somebody else makes it");
			return -1;
		} else if (errno != EINTR) {
			err_sys(err, errno, "cannot lock what is to be made");
			return -1;
		}
	}
}

void store_unlock_making(int state, const char *key, int *lock)
{
	if (*lock < 0)
		return;
	auto_free char *name = xasprintf("making/%s.lock", key);
	unlinkat(state, name, 0);
	fd_close(lock);
}

/* ---- publishing ---- */

bool store_draft_open(struct store_draft *draft, int state, enum store_kind kind, struct err *err)
{
	*draft = (struct store_draft){.state = state, .kind = kind, .folder = -1};
	auto_fd int folder = open_folder(state, store_folder(kind), err);
	if (folder < 0 || !random_name(DRAFT_PREFIX, &draft->name, err))
		return false;
	draft->folder = open_folder(folder, draft->name, err);
	if (draft->folder < 0)
		store_draft_discard(draft);
	return draft->folder >= 0;
}

void store_draft_discard(struct store_draft *draft)
{
	struct err err;
	fd_close(&draft->folder);
	if (!draft->name)
		return;
	auto_fd int folder = open_folder(draft->state, store_folder(draft->kind), &err);
	if (folder >= 0 && !path_remove_tree(folder, draft->name, &err))
		log_warn("cannot remove what was not finished: %s", err.text);
	free(take_ptr(&draft->name));
}

static bool write_record(const struct store_draft *draft, const char *kit, const char *what,
			 struct err *err)
{
	struct store_record record = {.kit = (char *)(uintptr_t)kit,
				      .what = (char *)(uintptr_t)what,
				      .made_ms = clock_wall_ms()};
	struct seal seal;
	if (!seal_entry(draft->folder, &seal, record.seal, err))
		return false;
	record.files = seal.files;
	record.bytes = seal.bytes;
	return record_write(draft->folder, &record, err);
}

/* Under its name, unless a good one is there. */
static bool rename_draft(struct store_draft *draft, const char *key, struct err *err)
{
	auto_fd int folder = open_folder(draft->state, store_folder(draft->kind), err);
	if (folder < 0)
		return false;
	while (renameat2(folder, draft->name, folder, key, RENAME_NOREPLACE) < 0) {
		if (errno != EEXIST)
			return err_sys(err, errno, "cannot publish it");
		if (store_has(draft->state, draft->kind, key))
			return true;
		if (!to_trash(draft->state, folder, key, err))
			return false;
	}
	free(take_ptr(&draft->name));
	return fsync(folder) == 0 || err_sys(err, errno, "cannot write it to disk");
}

bool store_draft_publish(struct store_draft *draft, const char *key, const char *kit,
			 const char *what, struct err *err)
{
	bool ok = write_record(draft, kit, what, err);
	if (ok && syncfs(draft->folder) < 0) // all files and folders of it, and more
		ok = err_sys(err, errno, "cannot write it to disk");
	ok = ok && rename_draft(draft, key, err);
	store_draft_discard(draft);
	return ok;
}
