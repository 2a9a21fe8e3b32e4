// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Takes away a tree that a workload may have built to make that hard: folders without permissions,
 * and nesting so deep that one descriptor or stack frame a level would run out. What lies deeper
 * than DEPTH_MAX is moved up to the top of the tree, and goes in the next pass.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"

enum { DEPTH_MAX = 32 };

struct removal {
	int top;		  // the folder that is being emptied
	unsigned long long moved; // names the folders that were moved up
};

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}
#define auto_dir __attribute__((cleanup(close_dir)))

static bool is_dot(const char *name)
{
	return str_eq(name, ".") || str_eq(name, "..");
}

/* Only openat2 can refuse a mount point, which may be a bind mount of the same file system. */
static int open_same_mount(int dir, const char *name, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};

	return (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
}

/* Gives the owner every permission on the folder, through a descriptor that cannot be a symlink. */
static bool open_up(int dir, const char *name)
{
	auto_fd int fd = open_same_mount(dir, name, O_PATH);
	auto_free char *magic = NULL;

	if (fd < 0)
		return false;
	magic = xasprintf("/proc/self/fd/%d", fd);
	return chmod(magic, 0700) == 0;
}

/* A folder's descriptor that may be read and written through, whatever its mode was. */
static int open_folder(int dir, const char *name, struct err *err)
{
	auto_fd int fd = open_same_mount(dir, name, O_RDONLY);
	struct stat st;

	if (fd < 0 && errno == EACCES && open_up(dir, name))
		fd = open_same_mount(dir, name, O_RDONLY);
	if (fd < 0 && errno == EXDEV) {
		err_set(err, ERR_DENIED, "removing %s: something is mounted there", name);
		return -1;
	}
	if (fd < 0 || fstat(fd, &st) < 0 || ((st.st_mode & 0700) != 0700 && fchmod(fd, 0700) < 0)) {
		err_sys(err, errno, "opening the folder %s to remove it", name);
		return -1;
	}
	return take_fd(&fd);
}

static bool empty_folder(struct removal *removal, int fd, unsigned depth, size_t *seen,
			 struct err *err);

static bool move_up(struct removal *removal, int dir, const char *name, struct err *err)
{
	char target[64];

	/* Moving a folder rewrites its "..", so it must be writable itself. */
	auto_fd int fd = open_folder(dir, name, err);

	if (fd < 0)
		return false;
	do {
		(void)snprintf(target, sizeof(target), ".removing-%llu", removal->moved++);
	} while (faccessat(removal->top, target, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
	if (renameat(dir, name, removal->top, target) < 0)
		return err_sys(err, errno, "moving the folder %s up to remove it", name);
	return true;
}

static bool remove_folder(struct removal *removal, int dir, const char *name, unsigned depth,
			  struct err *err)
{
	auto_fd int fd = -1;
	size_t seen;

	if (depth > DEPTH_MAX)
		return move_up(removal, dir, name, err);
	fd = open_folder(dir, name, err);
	if (fd < 0)
		return false;
	if (depth == 0)
		removal->top = fd;
	do {
		seen = 0;
		if (!empty_folder(removal, fd, depth, &seen, err))
			return false;
	} while (seen);
	if (unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_sys(err, errno, "removing the folder %s", name);
	return true;
}

static bool is_folder(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Landlock refuses to unlink before anybody looks whether it is a folder. */
static bool remove_entry(struct removal *removal, int dir, const char *name, unsigned depth,
			 struct err *err)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return true;
	int errnum = errno;
	if (errnum != EISDIR && !(errnum == EACCES && is_folder(dir, name)))
		return err_sys(err, errnum, "removing %s", name);
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0)
		return true;
	return remove_folder(removal, dir, name, depth, err);
}

/* One pass over the entries; names may be missed while others go, so callers repeat it. */
static bool empty_folder(struct removal *removal, int fd, unsigned depth, size_t *seen,
			 struct err *err)
{
	auto_fd int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!entries)
		return err_sys(err, errno, "reading a folder to remove it");
	(void)take_fd(&copy);
	while ((entry = readdir(entries))) {
		if (is_dot(entry->d_name))
			continue;
		(*seen)++;
		if (!remove_entry(removal, fd, entry->d_name, depth + 1, err))
			return false;
	}
	return true;
}

bool path_remove_tree(int dir, const char *name, struct err *err)
{
	struct removal removal = {.top = -1};

	return remove_entry(&removal, dir, name, 0, err);
}
