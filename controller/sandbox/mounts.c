// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Carries out the entries of a policy's root, in their order: one function per kind.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"

static int open_source(const char *path, struct stat *st, struct err *err)
{
	auto_fd int fd = path_open_absolute(path, O_PATH, err);

	if (fd < 0)
		return -1;
	if (fstat(fd, st) < 0) {
		err_sys(err, errno, "looking at %s", path);
		return -1;
	}
	if (!S_ISDIR(st->st_mode) && !S_ISREG(st->st_mode)) {
		err_set(err, ERR_DENIED, "%s is no folder and no file", path);
		return -1;
	}
	return take_fd(&fd);
}

static bool make_bind(struct root *root, const struct policy_mount *mount, struct err *err)
{
	struct stat st;
	uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			      (mount->writable ? 0 : MOUNT_ATTR_RDONLY) |
			      (mount->executable ? 0 : MOUNT_ATTR_NOEXEC);
	auto_fd int source = open_source(mount->source, &st, err);

	if (source < 0)
		return false;
	auto_fd int clone = tree_clone(source, mount->source, err);
	if (clone < 0 || !tree_restrict(clone, attributes, true, mount->source, err))
		return false;
	if (mount->idmap_owner && !idmap_apply(root, clone, source, mount->source, err))
		return false;
	auto_fd int target = S_ISDIR(st.st_mode) ? root_folder(root, mount->target, err)
						 : root_file(root, mount->target, err);
	return target >= 0 && root_attach(root, clone, target, false, mount->target, err);
}

static bool make_tmpfs(struct root *root, const struct policy_mount *mount, struct err *err)
{
	auto_free char *size = xasprintf("%llu", (unsigned long long)mount->size);
	auto_free char *inodes =
		xasprintf("%llu", (unsigned long long)(mount->size / SANDBOX_BYTES_PER_INODE + 64));
	auto_free char *mode = xasprintf("%04o", (unsigned)mount->mode);
	auto_free char *uid = xasprintf("%u", root->uid);
	auto_free char *gid = xasprintf("%u", root->gid);
	const struct tree_option options[] = {{"size", size}, {"nr_inodes", inodes}, {"mode", mode},
					      {"uid", uid},   {"gid", gid},	     {NULL, NULL}};
	auto_fd int tmpfs = tree_new("tmpfs", options,
				     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					     (mount->executable ? 0 : MOUNT_ATTR_NOEXEC),
				     err);
	if (tmpfs < 0)
		return false;
	auto_fd int target = root_folder(root, mount->target, err);
	return target >= 0 && root_attach(root, tmpfs, target, true, mount->target, err);
}

static bool make_file(struct root *root, const struct policy_mount *mount, struct err *err)
{
	const char *name;
	auto_fd int parent = root_parent(root, mount->target, &name, err);

	if (parent < 0)
		return false;
	auto_fd int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0)
		return err_sys(err, errno, "making %s in the sandbox", mount->target);
	return fd_write_all(fd, mount->content, strlen(mount->content), err);
}

static bool make_symlink(struct root *root, const struct policy_mount *mount, struct err *err)
{
	const char *name;
	auto_fd int parent = root_parent(root, mount->target, &name, err);

	if (parent < 0)
		return false;
	if (symlinkat(mount->content, parent, name) < 0)
		return err_sys(err, errno, "making %s in the sandbox", mount->target);
	return true;
}

static bool make_dir(struct root *root, const struct policy_mount *mount, struct err *err)
{
	const char *name;
	auto_fd int parent = root_parent(root, mount->target, &name, err);

	if (parent < 0)
		return false;
	if (mkdirat(parent, name, mount->mode) < 0 ||
	    fchownat(parent, name, root->uid, root->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "making %s in the sandbox", mount->target);
	return true;
}

bool mounts_make_one(struct root *root, const struct policy_mount *mount, struct err *err)
{
	switch (mount->kind) {
	case POLICY_MOUNT_BIND:
		return make_bind(root, mount, err);
	case POLICY_MOUNT_TMPFS:
		return make_tmpfs(root, mount, err);
	case POLICY_MOUNT_PROC:
		return proc_make(root, mount, err);
	case POLICY_MOUNT_DEV:
		return devices_make(root, mount, err);
	case POLICY_MOUNT_OVERLAY:
		return overlay_make(root, mount, err);
	case POLICY_MOUNT_FILE:
		return make_file(root, mount, err);
	case POLICY_MOUNT_SYMLINK:
		return make_symlink(root, mount, err);
	case POLICY_MOUNT_DIR:
		return make_dir(root, mount, err);
	}
	return err_set(err, ERR_USAGE, "unknown kind of mount on %s", mount->target);
}

bool mounts_make(struct root *root, const struct policy *policy, struct err *err)
{
	for (size_t i = 0; i < policy->n_mounts; i++)
		if (!mounts_make_one(root, &policy->mounts[i], err))
			return false;
	return true;
}
