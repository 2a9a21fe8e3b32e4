// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How a sidecar gives up the host. Landlock and seccomp alone would not do: connect() to a Unix
 * socket anywhere passes both. So the process first moves into namespaces of its own, whose only
 * file system is the workload's view, and then drops all that would let it out again. Each step
 * that fails is fatal; there is no weaker way on.
 */
#include "sidecar/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/securebits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/num.h"
#include "confine/restrict.h"

/* The value of a sysctl that is a small number, or -1. */
static int sysctl_value(const char *path)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[16];
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));
	uint64_t value;
	if (len < 2 || !num_parse_u64(text, (size_t)len - 1, INT32_MAX, &value))
		return -1;
	return (int)value;
}

/* Why namespaces are forbidden, as far as can be told, and what to do. */
static const char *namespace_hint(int errnum)
{
	if (errnum == ENOSPC && sysctl_value("/proc/sys/user/max_user_namespaces") != 0)
		return "as many exist as may: raise the sysctl user.max_user_namespaces";
	if (sysctl_value("/proc/sys/user/max_user_namespaces") == 0)
		return "this host forbids user namespaces (the sysctl user.max_user_namespaces is "
		       "0)";
	if (sysctl_value("/proc/sys/kernel/unprivileged_userns_clone") == 0)
		return "this host forbids user namespaces to ordinary users (the sysctl "
		       "kernel.unprivileged_userns_clone is 0)";
	if (sysctl_value("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1)
		return "AppArmor restricts user namespaces on this host: load capakit's profile";
	return "a container around it does not allow user namespaces and mounts";
}

static bool namespace_failed(struct err *err, int errnum, const char *what)
{
	char reason[128];
	const char *text = strerror_r(errnum, reason, sizeof(reason));
	return err_set(err, ERR_UNSUPPORTED,
		       "%s: %s. A sidecar needs namespaces of its own; %s. `capakit "
		       "doctor` says what to do",
		       what, text, namespace_hint(errnum));
}

static bool write_proc(const char *path, const char *text, struct err *err)
{
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		int errnum = errno;
		char what[64];
		snprintf(what, sizeof(what), "writing %s", path);
		return namespace_failed(err, errnum, what);
	}
	return true;
}

/* Only its own ids exist inside, so that its files on the host still belong to it. */
static bool map_ids(uid_t uid, gid_t gid, struct err *err)
{
	char uids[48], gids[48];
	snprintf(uids, sizeof(uids), "%u %u 1", uid, uid);
	snprintf(gids, sizeof(gids), "%u %u 1", gid, gid);
	return write_proc("/proc/self/setgroups", "deny", err) &&
	       write_proc("/proc/self/uid_map", uids, err) &&
	       write_proc("/proc/self/gid_map", gids, err);
}

static bool enter_namespaces(const struct confine_row *row, int view_fd, struct err *err)
{
	int flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
	if (row->own_network)
		flags |= CLONE_NEWNET;
	uid_t uid = geteuid();
	gid_t gid = getegid();
	// The working directory moves into the new mount namespace with us; a descriptor does not.
	if (row->root == CONFINE_ROOT_VIEW && fchdir(view_fd) != 0)
		return err_sys(err, errno, "entering the view's folder");
	// Else /proc/self belongs to root, in a process that has changed its user.
	if (prctl(PR_SET_DUMPABLE, 1) != 0)
		return err_sys(err, errno, "preparing the id maps");
	if (unshare(flags) != 0)
		return namespace_failed(err, errno, "making namespaces");
	return map_ids(uid, gid, err);
}

static int clone_view(struct err *err)
{
	int tree = open_tree(AT_FDCWD, ".", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		namespace_failed(err, errno, "mounting the view");
	return tree;
}

static int empty_folder(struct err *err)
{
	auto_fd int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	int tree = -1;
	if (fs >= 0 && fsconfig(fs, FSCONFIG_SET_STRING, "nr_inodes", "1", 0) == 0 &&
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		tree = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (tree < 0)
		namespace_failed(err, errno, "mounting an empty folder");
	return tree;
}

static bool change_root(const struct confine_row *row, struct err *err)
{
	auto_fd int tree = row->root == CONFINE_ROOT_VIEW ? clone_view(err) : empty_folder(err);
	if (tree < 0)
		return false;
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
						    MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
						    MOUNT_ATTR_NOSYMFOLLOW};
	if (mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) != 0)
		return namespace_failed(err, errno, "making the root read-only");
	if (move_mount(tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) != 0 || fchdir(tree) != 0)
		return namespace_failed(err, errno, "attaching the root");
	// Both names are ".": the old root ends up on top of the new one, and is taken off.
	if (syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 ||
	    chdir("/") != 0)
		return namespace_failed(err, errno, "changing the root");
	return true;
}

/* Not even a user 0 of this namespace would have one again. */
static bool lock_capabilities(struct err *err)
{
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
				   SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
				   SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
	if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) != 0)
		return namespace_failed(err, errno, "locking the security bits");
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0)
			return namespace_failed(err, errno, "emptying the bounding set");
	return true;
}

bool confine_self(enum confine_process process, int view_fd, struct err *err)
{
	const struct confine_row *row = &confine_table[process];
	if (geteuid() == 0 || getuid() == 0)
		return err_set(err, ERR_DENIED,
			       "a sidecar never runs as root: its starter must change to an "
			       "ordinary user first");
	return enter_namespaces(row, view_fd, err) && change_root(row, err) &&
	       lock_capabilities(err) && confine_restrict(process, NULL, 0, err);
}
