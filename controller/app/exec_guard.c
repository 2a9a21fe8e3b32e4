// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One walk for both: it follows no symlink, and opens what denies its owner, since who wants to
 * hide a file in a folder could have changed the folder's mode.
 */
#include "controller/app/exec_guard.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/manifest/manifest.h"

struct walk {
	/* A guarded name, in the open folder `parent`. */
	bool (*found)(struct walk *walk, int parent, const char *name, const char *path,
		      const struct stat *st, struct err *err);
	struct exec_guard *guard; // of exec_guard_find
	const struct exec_guard *known;
	void (*removed)(void *owner, const char *path);
	void *owner;
	bool opens; // folders that deny their owner
	size_t entries;
};

bool exec_guard_names(const char *name)
{
	static const char *const names[] = {".git", "bunfig.toml", MANIFEST_FILE,
					    MANIFEST_TEST_FILE};
	for (size_t i = 0; i < array_len(names); i++)
		if (str_eq(name, names[i]))
			return true;
	return str_starts(name, ".env");
}

static int open_folder(const struct walk *walk, int parent, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int folder = openat(parent, name, flags);
	if (folder >= 0 || errno != EACCES || !walk->opens)
		return folder;
	if (fchmodat(parent, name, 0700, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	return openat(parent, name, flags);
}

static bool walk_folder(struct walk *walk, int folder, const char *path, unsigned depth,
			struct err *err);

static bool enter(struct walk *walk, int parent, const char *name, const char *path, unsigned depth,
		  struct err *err)
{
	auto_fd int folder = open_folder(walk, parent, name);
	if (folder < 0)
		return errno == ENOENT || err_sys(err, errno, "cannot look into %s", path);
	if (depth == SNAPSHOT_DEPTH_MAX)
		return err_set(err, ERR_LIMIT, "%s: more than %u levels of folders", path,
			       SNAPSHOT_DEPTH_MAX);
	return walk_folder(walk, folder, path, depth + 1, err);
}

static bool visit(struct walk *walk, int parent, const char *name, const char *above,
		  unsigned depth, struct err *err)
{
	auto_free char *path = *above ? xasprintf("%s/%s", above, name) : xstrdup(name);
	struct stat st;
	if (++walk->entries > SNAPSHOT_FILES_MAX)
		return err_set(err, ERR_LIMIT, "more than %u files and folders",
			       SNAPSHOT_FILES_MAX);
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || err_sys(err, errno, "cannot look at %s", path);
	if (exec_guard_names(name))
		return walk->found(walk, parent, name, path, &st, err);
	if (!S_ISDIR(st.st_mode) || str_eq(name, "node_modules"))
		return true;
	return enter(walk, parent, name, path, depth, err);
}

/* Goes on after a failure, of which the first counts: what is found later is found all the same. */
static bool walk_folder(struct walk *walk, int folder, const char *path, unsigned depth,
			struct err *err)
{
	auto_fd int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
	bool ok = true;
	if (!list)
		return err_sys(err, errno, "cannot list %s", *path ? path : "the folder");
	take_fd(&copy); // closed with the list
	for (struct dirent *entry; (entry = readdir(list));) {
		struct err why;
		if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, ".."))
			continue;
		if (visit(walk, folder, entry->d_name, path, depth, &why))
			continue;
		if (ok)
			*err = why;
		ok = false;
	}
	closedir(list);
	return ok;
}

static bool remember(struct walk *walk, int parent, const char *name, const char *path,
		     const struct stat *st, struct err *err)
{
	struct exec_guard *guard = walk->guard;
	if (S_ISLNK(st->st_mode))
		return err_set(err, ERR_DENIED,
			       "%s is a symlink, which cannot be kept from being replaced: move it "
			       "away, or put the file itself there",
			       path);
	if (guard->n == EXEC_GUARDED_MAX)
		return err_set(err, ERR_LIMIT,
			       "more than %d files that are to stay as they are (.git, .env*, "
			       "bunfig.toml, manifests)",
			       EXEC_GUARDED_MAX);
	guard->entries = xreallocarray(guard->entries, guard->n + 1, sizeof(*guard->entries));
	guard->entries[guard->n++] = (struct exec_guarded){xstrdup(path), st->st_dev, st->st_ino};
	return true;
}

bool exec_guard_find(struct exec_guard *guard, int folder, struct err *err)
{
	struct walk walk = {.found = remember, .guard = guard};
	return walk_folder(&walk, folder, "", 0, err);
}

static bool is_known(const struct exec_guard *guard, const struct stat *st)
{
	for (size_t i = 0; i < guard->n; i++)
		if (guard->entries[i].device == st->st_dev && guard->entries[i].inode == st->st_ino)
			return true;
	return false;
}

static bool remove_new(struct walk *walk, int parent, const char *name, const char *path,
		       const struct stat *st, struct err *err)
{
	if (is_known(walk->known, st))
		return true;
	if (S_ISDIR(st->st_mode) && !path_remove_tree(parent, name, err))
		return false;
	if (!S_ISDIR(st->st_mode) && unlinkat(parent, name, 0) < 0)
		return err_sys(err, errno, "cannot remove %s", path);
	walk->removed(walk->owner, path);
	return true;
}

bool exec_guard_sweep(const struct exec_guard *guard, int folder,
		      void (*removed)(void *owner, const char *path), void *owner, struct err *err)
{
	struct walk walk = {
		.found = remove_new,
		.known = guard,
		.removed = removed,
		.owner = owner,
		.opens = true,
	};
	return walk_folder(&walk, folder, "", 0, err);
}

void exec_guard_free(struct exec_guard *guard)
{
	for (size_t i = 0; i < guard->n; i++)
		free(guard->entries[i].path);
	free(guard->entries);
	*guard = (struct exec_guard){0};
}
