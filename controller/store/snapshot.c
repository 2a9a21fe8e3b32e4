// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One walk does both jobs: it digests a tree, and, when it is given somewhere to write, copies it
 * on the way. The digest of a copy is made of the bytes that were written, so a file that changes
 * meanwhile cannot make a snapshot that differs from its name.
 */
#include "controller/store/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"

struct walk {
	struct sha256 *hash;
	char *path; // of the entry at hand, relative to the Kit, for digest and errors
	size_t files;
	unsigned depth;
	uint8_t *block;
};

#define COPY_BLOCK (256 * KIB)

bool snapshot_leaves_out(const char *name)
{
	return str_eq(name, ".git") || str_eq(name, "node_modules") || str_starts(name, ".env");
}

static void digest_entry(struct walk *walk, const char *kind)
{
	sha256_add_field(walk->hash, kind);
	sha256_add_field(walk->hash, walk->path);
}

/* Digests the bytes of `in`; writes them to `out` unless that is -1. */
static bool stream_file(struct walk *walk, int in, int out, struct err *err)
{
	uint64_t size = 0;
	for (;;) {
		ssize_t n = read(in, walk->block, COPY_BLOCK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "cannot read %s of the Kit", walk->path);
		if (n == 0)
			break;
		size += (uint64_t)n;
		sha256_add(walk->hash, walk->block, (size_t)n);
		if (out >= 0 && !fd_write_all(out, walk->block, (size_t)n, err))
			return err_prefix(err, "cannot copy %s of the Kit", walk->path);
	}
	sha256_add(walk->hash, &size, sizeof(size));
	return true;
}

static bool walk_file(struct walk *walk, int dir, const char *name, int out_dir, struct err *err)
{
	auto_fd int in = path_open_beneath(dir, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0, err);
	struct stat st;
	if (in < 0 || fstat(in, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, ERR_SYSTEM, "cannot open %s of the Kit as a file (it changed?)",
			       walk->path);
	bool runnable = st.st_mode & 0111;
	digest_entry(walk, runnable ? "x" : "f");
	if (out_dir < 0)
		return stream_file(walk, in, -1, err);

	auto_fd int out = openat(out_dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
				 runnable ? 0755 : 0644);
	if (out < 0)
		return err_sys(err, errno, "cannot copy %s of the Kit", walk->path);
	if (ioctl(out, FICLONE, in) == 0)
		return stream_file(walk, out, -1, err);
	return stream_file(walk, in, out, err);
}

static bool walk_link(struct walk *walk, int dir, const char *name, int out_dir, struct err *err)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(dir, name, target, sizeof(target) - 1);
	if (len < 0)
		return err_sys(err, errno, "cannot read the symlink %s of the Kit", walk->path);
	target[len] = '\0';
	digest_entry(walk, "l");
	sha256_add_field(walk->hash, target);
	if (out_dir >= 0 && symlinkat(target, out_dir, name) < 0)
		return err_sys(err, errno, "cannot copy the symlink %s of the Kit", walk->path);
	return true;
}

static bool walk_folder(struct walk *walk, int dir, int out_dir, struct err *err);

static bool walk_subfolder(struct walk *walk, int dir, const char *name, int out_dir,
			   struct err *err)
{
	auto_fd int in = path_open_beneath(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	if (in < 0)
		return err_prefix(err, "cannot open the folder %s of the Kit", walk->path);
	auto_fd int out = -1;
	digest_entry(walk, "d");
	if (out_dir >= 0) {
		if (mkdirat(out_dir, name, 0755) < 0)
			return err_sys(err, errno, "cannot copy the folder %s", walk->path);
		out = path_open_beneath(out_dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
		if (out < 0)
			return false;
	}
	return walk_folder(walk, in, out, err);
}

static bool walk_entry(struct walk *walk, int dir, const char *name, int out_dir, struct err *err)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "cannot look at %s of the Kit", walk->path);
	if (++walk->files > SNAPSHOT_FILES_MAX)
		return err_set(err, ERR_LIMIT, "the Kit has more than %u files and folders",
			       SNAPSHOT_FILES_MAX);
	if (S_ISREG(st.st_mode))
		return walk_file(walk, dir, name, out_dir, err);
	if (S_ISDIR(st.st_mode))
		return walk_subfolder(walk, dir, name, out_dir, err);
	if (S_ISLNK(st.st_mode))
		return walk_link(walk, dir, name, out_dir, err);
	return err_set(err, ERR_USAGE,
		       "%s in the Kit is neither a file, a folder nor a symlink; remove it",
		       walk->path);
}

static int keep_entry(const struct dirent *entry)
{
	return !str_eq(entry->d_name, ".") && !str_eq(entry->d_name, "..") &&
	       !snapshot_leaves_out(entry->d_name);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool walk_folder(struct walk *walk, int dir, int out_dir, struct err *err)
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
		ok = ok && walk_entry(walk, dir, name, out_dir, err);
		free(walk->path);
		free(entries[i]);
	}
	walk->path = folder;
	walk->depth--;
	free(entries);
	return ok;
}

static bool walk_tree(int kit, int out, char digest[SHA256_HEX], struct err *err)
{
	auto_free uint8_t *block = xmalloc(COPY_BLOCK);
	char root[] = "";
	struct walk walk = {.hash = sha256_new(), .path = root, .block = block};
	bool ok = walk_folder(&walk, kit, out, err);
	sha256_finish_hex(&walk.hash, digest);
	return ok;
}

/* Copies into a folder of its own first, so that an interrupted copy never counts as done. */
static bool copy_and_publish(int kit, int snapshots, char digest[SHA256_HEX], struct err *err)
{
	char staging[64];
	snprintf(staging, sizeof(staging), ".staging-%d", (int)getpid());
	if (!path_remove_tree(snapshots, staging, err))
		return false;
	if (mkdirat(snapshots, staging, 0755) < 0)
		return err_sys(err, errno, "cannot make a folder for the snapshot of the Kit");
	auto_fd int out =
		path_open_beneath(snapshots, staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	bool ok = out >= 0 && walk_tree(kit, out, digest, err);
	if (ok && syncfs(out) < 0)
		ok = err_sys(err, errno, "cannot write the snapshot of the Kit to disk");
	if (ok && renameat(snapshots, staging, snapshots, digest) == 0)
		return true;
	if (ok && errno != EEXIST && errno != ENOTEMPTY)
		ok = err_sys(err, errno, "cannot publish the snapshot of the Kit");
	struct err ignored;
	return path_remove_tree(snapshots, staging, ok ? err : &ignored) && ok;
}

bool snapshot_take(int kit, int state, char digest[SHA256_HEX], struct err *err)
{
	if (mkdirat(state, "snapshots", 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "cannot make the folder for snapshots");
	auto_fd int snapshots =
		path_open_beneath(state, "snapshots", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	if (snapshots < 0 || !walk_tree(kit, -1, digest, err))
		return false;
	if (faccessat(snapshots, digest, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	return copy_and_publish(kit, snapshots, digest, err);
}
