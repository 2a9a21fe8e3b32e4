// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The new root folder: an empty tmpfs, targets in it, and the switch to it. Targets are opened
 * below the root's descriptor without following a symlink, so that nothing in a mount, however
 * hostile, can send a later mount elsewhere; and they are made only on file systems that the
 * sandbox itself made, so that nothing is ever created in a folder of the host.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"

static bool make_private(struct err *err)
{
	struct mount_attr attr = {.propagation = MS_PRIVATE};

	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		return err_sys(err, errno, "making the host's mounts private to the sandbox");
	return true;
}

/*
 * Where the new root is built: a folder that every kernel has and no policy can want to mount
 * something from. (Mounted over `/`, it would make the kernel take this process for one in a
 * chroot, which may make no user namespaces.)
 */
#define BUILDING_SITE "/proc/driver"

bool root_begin(struct root *root, const struct policy *policy, struct err *err)
{
	const struct tree_option options[] = {
		{"size", "16m"}, {"nr_inodes", "8k"}, {"mode", "0755"}, {NULL, NULL}};

	root->root_mode = policy_is_root_mode(policy);
	root->uid = root->root_mode ? policy->host_uid : policy->uid;
	root->gid = root->root_mode ? policy->host_gid : policy->gid;
	if (!make_private(err))
		return false;
	root->fd = tree_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err);
	if (root->fd < 0)
		return false;
	auto_fd int site = path_open_absolute(BUILDING_SITE, O_PATH | O_DIRECTORY, err);
	return site >= 0 && root_attach(root, root->fd, site, true, BUILDING_SITE, err);
}

static int open_in(const struct root *root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	do // a rename elsewhere on the machine makes a scoped look-up uncertain: EAGAIN
		fd = syscall(SYS_openat2, root->fd, path, &how, sizeof(how));
	while (fd < 0 && errno == EAGAIN);
	return (int)fd;
}

static bool is_own(const struct root *root, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	for (size_t i = 0; i < root->n_owned; i++)
		if (root->owned[i] == st.st_dev)
			return true;
	return false;
}

int root_parent(const struct root *root, const char *path, const char **name, struct err *err)
{
	const char *slash = strrchr(path, '/');
	auto_free char *parent = xstrndup(path, slash == path ? 1 : (size_t)(slash - path));

	*name = slash + 1;
	auto_fd int fd = root_folder(root, parent, err);
	if (fd < 0)
		return -1;
	if (!is_own(root, fd)) {
		err_set(err, ERR_MISSING,
			"%s is not there to mount on, and nothing is created in a folder of the "
			"host: create it in what is mounted there",
			path);
		return -1;
	}
	return take_fd(&fd);
}

static bool make_folder(const struct root *root, const char *path, struct err *err)
{
	const char *name;
	auto_fd int parent = root_parent(root, path, &name, err);

	if (parent < 0)
		return false;
	if (mkdirat(parent, name, 0755) < 0)
		return err_sys(err, errno, "making %s in the sandbox", path);
	return true;
}

static bool make_file(const struct root *root, const char *path, struct err *err)
{
	const char *name;
	auto_fd int parent = root_parent(root, path, &name, err);

	if (parent < 0)
		return false;
	auto_fd int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0)
		return err_sys(err, errno, "making %s in the sandbox", path);
	return true;
}

static int refused(const char *path, struct err *err)
{
	if (errno == ELOOP)
		err_set(err, ERR_DENIED,
			"%s leads through a symbolic link inside the sandbox; a mount may not",
			path);
	else
		err_sys(err, errno, "opening %s in the sandbox", path);
	return -1;
}

int root_folder(const struct root *root, const char *path, struct err *err)
{
	int fd = open_in(root, path, O_PATH | O_DIRECTORY);

	if (fd < 0 && errno == ENOENT) {
		if (!make_folder(root, path, err))
			return -1;
		fd = open_in(root, path, O_PATH | O_DIRECTORY);
	}
	return fd >= 0 ? fd : refused(path, err);
}

int root_file(const struct root *root, const char *path, struct err *err)
{
	int fd = open_in(root, path, O_PATH);

	if (fd < 0 && errno == ENOENT) {
		if (!make_file(root, path, err))
			return -1;
		fd = open_in(root, path, O_PATH);
	}
	return fd >= 0 ? fd : refused(path, err);
}

bool root_attach(struct root *root, int mount, int target, bool own, const char *path,
		 struct err *err)
{
	struct stat st;

	if (move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) <
	    0)
		return err_sys(err, errno, "mounting on %s", path);
	if (!own)
		return true;
	if (fstat(mount, &st) < 0)
		return err_sys(err, errno, "looking at the mount on %s", path);
	root->owned[root->n_owned++] = st.st_dev;
	return true;
}

/* pivot_root(2) with the same folder twice stacks the old root on the new one, from where it goes.
 */
static bool pivot(int fd, struct err *err)
{
	if (fchdir(fd) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return err_sys(
			err, errno,
			"changing to the sandbox's root (pivot_root; it cannot be done where "
			"the root is an initramfs)");
	if (umount2(".", MNT_DETACH) < 0)
		return err_sys(err, errno, "detaching the host's root");
	return chdir("/") == 0 || err_sys(err, errno, "entering the sandbox's root");
}

bool root_enter(struct root *root, struct err *err)
{
	if (!tree_restrict(root->fd, MOUNT_ATTR_RDONLY, false, "/", err) || !pivot(root->fd, err))
		return false;
	fd_close(&root->fd);
	fd_close(&root->idmap);
	return true;
}
