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
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/num.h"

/* A process that only lends its user namespace. */
struct lender {
	pid_t pid;
	int talk;      // says its name in the host's /proc; ends when this is closed
	char name[16]; // which is not `pid`: that is counted in the sandbox's own namespace
};

_Noreturn static void lend(int talk)
{
	char name[16] = {0};

	if (readlink("/proc/self", name, sizeof(name) - 1) < 0 ||
	    write(talk, name, sizeof(name)) != sizeof(name))
		_exit(1);
	_exit(read(talk, name, 1) < 0);
}

static bool lender_start(struct lender *lender, struct err *err)
{
	int pair[2];
	uint64_t number;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(err, errno, "making a socket pair");
	lender->pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
	if (lender->pid == 0) {
		close(pair[0]);
		lend(pair[1]);
	}
	close(pair[1]);
	lender->talk = pair[0];
	if (lender->pid < 0)
		return namespaces_refused(errno, "making a user namespace for an id map", err);
	if (read(lender->talk, lender->name, sizeof(lender->name)) != sizeof(lender->name) ||
	    !num_parse_u64(lender->name, strnlen(lender->name, sizeof(lender->name)), INT32_MAX,
			   &number))
		return err_set(err, ERR_SYSTEM, "the process that makes an id map has failed");
	return true;
}

static void lender_stop(struct lender *lender)
{
	fd_close(&lender->talk);
	if (lender->pid > 0)
		waitpid(lender->pid, NULL, 0);
}

static bool write_map(const struct lender *lender, const char *name, unsigned on_disk,
		      unsigned inside, struct err *err)
{
	auto_free char *path = xasprintf("/proc/%s/%s", lender->name, name);
	auto_free char *map = xasprintf("%u %u 1\n", on_disk, inside);
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, map, strlen(map)) != (ssize_t)strlen(map))
		return err_sys(err, errno, "writing %s of an id map", name);
	return true;
}

static int open_namespace(const struct root *root, const struct lender *lender,
			  const struct stat *owner, struct err *err)
{
	auto_free char *path = xasprintf("/proc/%s/ns/user", lender->name);

	if (!write_map(lender, "uid_map", owner->st_uid, root->uid, err) ||
	    !write_map(lender, "gid_map", owner->st_gid, root->gid, err))
		return -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err_sys(err, errno, "opening the user namespace of an id map");
	return fd;
}

static int make_namespace(const struct root *root, const struct stat *owner, struct err *err)
{
	struct lender lender = {.pid = -1, .talk = -1};
	int fd = -1;

	if (lender_start(&lender, err))
		fd = open_namespace(root, &lender, owner, err);
	lender_stop(&lender);
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
