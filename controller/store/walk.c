// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Every name is opened beneath the folder that it was listed in, without following symlinks, and
 * what was opened is looked at again: a Kit whose files are swapped meanwhile gives an error, never
 * something from outside of it.
 */
#include "controller/store/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"

struct walk {
	const struct kit_visitor *visitor;
	char *path; // of the entry at hand
	size_t files;
	unsigned depth;
};

/* Names that belong to no Kit. */
static bool leaves_out(const char *name)
{
	return str_eq(name, ".git") || str_eq(name, "node_modules") || str_starts(name, ".env");
}

static bool is_wanted(const struct kit_visitor *visitor, const char *path, const char *name,
		      bool folder)
{
	if (!leaves_out(name))
		return !visitor->wants || visitor->wants(visitor->owner, path, folder);
	if (visitor->left_out)
		visitor->left_out(visitor->owner, path);
	return false;
}

static bool visit(const struct walk *walk, struct kit_entry *entry, struct err *err)
{
	entry->path = walk->path;
	return walk->visitor->visit(walk->visitor->owner, entry, err);
}

static bool walk_file(struct walk *walk, int dir, const char *name, struct err *err)
{
	auto_fd int fd = path_open_beneath(dir, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0, err);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, ERR_SYSTEM, "cannot open %s of the Kit as a file (it changed?)",
			       walk->path);
	struct kit_entry entry = {.kind = KIT_ENTRY_FILE, .fd = fd, .runnable = st.st_mode & 0111};
	return visit(walk, &entry, err);
}

static bool walk_link(struct walk *walk, int dir, const char *name, struct err *err)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(dir, name, target, sizeof(target) - 1);
	if (len < 0)
		return err_sys(err, errno, "cannot read the symlink %s of the Kit", walk->path);
	target[len] = '\0';
	struct kit_entry entry = {.kind = KIT_ENTRY_LINK, .fd = -1, .target = target};
	return visit(walk, &entry, err);
}

static bool walk_folder(struct walk *walk, int dir, struct err *err);

static bool walk_subfolder(struct walk *walk, int dir, const char *name, struct err *err)
{
	auto_fd int fd = path_open_beneath(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	if (fd < 0)
		return err_prefix(err, "cannot open the folder %s of the Kit", walk->path);
	struct kit_entry entry = {.kind = KIT_ENTRY_FOLDER, .fd = fd};
	return visit(walk, &entry, err) && walk_folder(walk, fd, err);
}

static bool walk_entry(struct walk *walk, int dir, const char *name, struct err *err)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "cannot look at %s of the Kit", walk->path);
	if (!is_wanted(walk->visitor, walk->path, name, S_ISDIR(st.st_mode)))
		return true;
	if (++walk->files > SNAPSHOT_FILES_MAX)
		return err_set(err, ERR_LIMIT, "the Kit has more than %u files and folders",
			       SNAPSHOT_FILES_MAX);
	if (S_ISREG(st.st_mode))
		return walk_file(walk, dir, name, err);
	if (S_ISDIR(st.st_mode))
		return walk_subfolder(walk, dir, name, err);
	if (S_ISLNK(st.st_mode))
		return walk_link(walk, dir, name, err);
	return err_set(err, ERR_USAGE,
		       "%s in the Kit is neither a file, a folder nor a symlink; remove it",
		       walk->path);
}

static int keep_entry(const struct dirent *entry)
{
	return !str_eq(entry->d_name, ".") && !str_eq(entry->d_name, "..");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool walk_folder(struct walk *walk, int dir, struct err *err)
{
	if (walk->depth >= SNAPSHOT_DEPTH_MAX)
		return err_set(err, ERR_LIMIT, "the Kit has folders more than %u deep: %s",
			       SNAPSHOT_DEPTH_MAX, walk->path);
	struct dirent **entries;
	int count = scandirat(dir, ".", &entries, keep_entry, by_name);
	if (count < 0)
		return err_sys(err, errno, "cannot list the folder %s of the Kit", walk->path);

	walk->depth++;
	bool ok = true;
	char *folder = walk->path;
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		walk->path = *folder ? xasprintf("%s/%s", folder, name) : xstrdup(name);
		ok = ok && walk_entry(walk, dir, name, err);
		free(walk->path);
		free(entries[i]);
	}
	walk->path = folder;
	walk->depth--;
	free(entries);
	return ok;
}

bool kit_walk(int kit, const struct kit_visitor *visitor, struct err *err)
{
	char root[] = "";
	struct walk walk = {.visitor = visitor, .path = root};
	return walk_folder(&walk, kit, err);
}
