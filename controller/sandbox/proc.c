// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The sandbox's own /proc: only its processes, all of it read-only, and what tells about the
 * machine more than a program needs covered up.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

#define EMPTY "/.empty"

/* What else is for root alone there is no root inside to read. */
static const char *const masked_files[] = {
	"interrupts",	 "kallsyms", "kcore",	    "key-users",     "keys",
	"latency_stats", "modules",  "sched_debug", "sysrq-trigger", "timer_list",
};
static const char *const masked_folders[] = {"acpi", "asound", "bus", "driver",
					     "fs",   "irq",    "scsi"};

/*
 * Attaches `cover` to the first of these that this kernel has, and copies of it to the others: up
 * to 6.14 only an attached mount can be copied.
 */
static bool mask(struct root *root, int proc, const char *const *names, size_t n_names, int cover,
		 struct err *err)
{
	bool attached = false;

	for (size_t i = 0; i < n_names; i++) {
		auto_fd int target = openat(proc, names[i], O_PATH | O_NOFOLLOW | O_CLOEXEC);
		auto_fd int copy = -1;
		if (target < 0)
			continue;
		if (attached && (copy = tree_clone(cover, names[i], err)) < 0)
			return false;
		if (!root_attach(root, attached ? copy : cover, target, false, names[i], err))
			return false;
		attached = true;
	}
	return true;
}

static bool mask_files(struct root *root, int proc, struct err *err)
{
	auto_fd int null = devices_clone_null(err);

	return null >= 0 && mask(root, proc, masked_files, array_len(masked_files), null, err);
}

/* The empty folder has no name any more when this is done. */
static bool mask_folders(struct root *root, int proc, struct err *err)
{
	auto_fd int empty = root_folder(root, EMPTY, err);

	if (empty < 0)
		return false;
	auto_fd int cover = tree_clone(empty, EMPTY, err);
	if (cover < 0 || !tree_restrict(cover, MOUNT_ATTR_RDONLY, false, EMPTY, err) ||
	    !mask(root, proc, masked_folders, array_len(masked_folders), cover, err))
		return false;
	if (unlinkat(root->fd, EMPTY + 1, AT_REMOVEDIR) < 0)
		return err_sys(err, errno, "removing " EMPTY);
	return true;
}

static int mount_proc(bool processes_only, struct err *err)
{
	const struct tree_option all[] = {{NULL, NULL}};
	const struct tree_option processes[] = {{"subset", "pid"}, {NULL, NULL}};
	int proc = tree_new("proc", processes_only ? processes : all,
			    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, err);

	if (proc < 0)
		err_prefix(err, "mounting /proc (a container that hides parts of its own /proc "
				"forbids this: allow it there, or run capakit outside)");
	return proc;
}

/*
 * The one setting is made through a mount of its own, which is attached nowhere: what is inside may
 * show processes alone. In root mode the user namespace comes after this, so it is kept until then.
 */
static bool forbid_namespaces(struct root *root, struct err *err)
{
	auto_fd int proc = mount_proc(false, err);

	if (proc < 0)
		return false;
	if (!root->root_mode)
		return namespaces_forbid_more(proc, err);
	fd_close(&root->proc);
	root->proc = take_fd(&proc);
	return true;
}

int proc_attach(struct root *root, const struct policy_mount *mount, struct err *err)
{
	auto_fd int target = root_folder(root, mount->target, err);

	if (target < 0)
		return -1;
	auto_fd int proc = mount_proc(mount->processes_only, err);
	if (proc < 0 || !root_attach(root, proc, target, false, mount->target, err))
		return -1;
	root->has_proc = true;
	return take_fd(&proc);
}

bool proc_cover(struct root *root, int proc, struct err *err)
{
	return mask_files(root, proc, err) && mask_folders(root, proc, err) &&
	       tree_restrict(proc, MOUNT_ATTR_RDONLY, false, "/proc", err);
}

bool proc_make(struct root *root, const struct policy_mount *mount, struct err *err)
{
	auto_fd int proc = proc_attach(root, mount, err);

	return proc >= 0 && forbid_namespaces(root, err) && proc_cover(root, proc, err);
}
