// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Root mode: what belongs to one host user (the controller's stored files, the owner of a mount)
 * appears as the workload's, and what the workload makes belongs to that user on the disk. Such a
 * map is made by a user namespace, which takes a process to make; the last one is kept, since
 * nearly all mounts of a sandbox have the same owner.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

static bool write_map(pid_t pid, const char *name, unsigned on_disk, unsigned inside,
		      struct err *err)
{
	auto_free char *path = xasprintf("/proc/%d/%s", (int)pid, name);
	auto_free char *map = xasprintf("%u %u 1\n", on_disk, inside);
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, map, strlen(map)) != (ssize_t)strlen(map))
		return err_sys(err, errno, "writing %s of an id map", name);
	return true;
}

static int open_namespace(const struct root *root, pid_t pid, const struct stat *owner,
			  struct err *err)
{
	auto_free char *path = xasprintf("/proc/%d/ns/user", (int)pid);

	if (!write_map(pid, "uid_map", owner->st_uid, root->uid, err) ||
	    !write_map(pid, "gid_map", owner->st_gid, root->gid, err))
		return -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err_sys(err, errno, "opening the user namespace of an id map");
	return fd;
}

/* A child that only lends its user namespace; it ends when the write end of the pipe closes. */
static pid_t fork_owner(int wait[2])
{
	char byte;
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (pid != 0)
		return pid;
	close(wait[1]);
	_exit(read(wait[0], &byte, 1) < 0);
}

static int make_namespace(const struct root *root, const struct stat *owner, struct err *err)
{
	int wait[2];

	if (pipe2(wait, O_CLOEXEC) < 0) {
		err_sys(err, errno, "making a pipe");
		return -1;
	}
	pid_t pid = fork_owner(wait);
	if (pid < 0)
		err_sys(err, errno, "making a user namespace for an id map");
	int fd = pid < 0 ? -1 : open_namespace(root, pid, owner, err);
	close(wait[0]);
	close(wait[1]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return fd;
}

bool idmap_apply(struct root *root, int mount, int source, const char *path, struct err *err)
{
	struct stat owner;

	if (!root->root_mode)
		return true;
	if (fstat(source, &owner) < 0)
		return err_sys(err, errno, "looking at %s", path);
	if (root->idmap < 0 || root->idmap_uid != owner.st_uid || root->idmap_gid != owner.st_gid) {
		fd_close(&root->idmap);
		root->idmap = make_namespace(root, &owner, err);
		if (root->idmap < 0)
			return false;
		root->idmap_uid = owner.st_uid;
		root->idmap_gid = owner.st_gid;
	}
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP,
				  .userns_fd = (uint64_t)(unsigned)root->idmap};
	if (mount_setattr(mount, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return err_sys(
			err, errno,
			"mapping the owner of %s to the workload's user (idmapped mount; its "
			"file system may not support it)",
			path);
	return true;
}
