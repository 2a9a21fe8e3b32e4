// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Overlays: a workload's folder as layers. The kernel takes the layers by name, and up to 6.14
 * only from mounts that are attached, so they are staged: copied (and in root mode idmapped) into
 * a folder of the new root, named there by short relative names, and taken away again.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"

#define STAGE "/.layers"

/* Attaches a copy of the host's folder as `name` in the stage. */
static bool stage(struct root *root, const struct policy_mount *mount, const char *source,
		  const char *name, struct err *err)
{
	auto_free char *path = xasprintf(STAGE "/%s", name);
	auto_fd int fd = path_open_absolute(source, O_PATH | O_DIRECTORY, err);

	if (fd < 0)
		return false;
	auto_fd int clone = tree_clone(fd, source, err);
	if (clone < 0 ||
	    !tree_restrict(clone, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, true, source, err))
		return false;
	if (mount->idmap_owner && !idmap_apply(root, clone, fd, source, err))
		return false;
	auto_fd int target = root_folder(root, path, err);
	return target >= 0 && root_attach(root, clone, target, false, path, err);
}

static bool begin_stage(struct root *root, struct err *err)
{
	const struct tree_option options[] = {
		{"size", "64k"}, {"nr_inodes", "64"}, {"mode", "0755"}, {NULL, NULL}};
	auto_fd int folder = root_folder(root, STAGE, err);

	if (folder < 0)
		return false;
	auto_fd int tmpfs = tree_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err);
	if (tmpfs < 0 || !root_attach(root, tmpfs, folder, true, STAGE, err))
		return false;
	return fchdir(tmpfs) == 0 || err_sys(err, errno, "entering the staged layers");
}

/* Upper and work folder must be on one mount, so their parent is what is staged. */
static bool stage_all(struct root *root, const struct policy_mount *mount, struct err *err)
{
	auto_free char *parent =
		xstrndup(mount->upper, (size_t)(strrchr(mount->upper, '/') - mount->upper));

	for (size_t i = 0; i < mount->n_lowers; i++) {
		char name[24];
		snprintf(name, sizeof(name), "l%zu", i);
		if (!stage(root, mount, mount->lowers[i], name, err))
			return false;
	}
	return stage(root, mount, parent, "rw", err);
}

/* All at once: what was attached in the stage goes with it, and it was the last one to be owned. */
static bool end_stage(struct root *root, struct err *err)
{
	if (umount2(".", MNT_DETACH) < 0 || fchdir(root->fd) < 0 ||
	    unlinkat(root->fd, STAGE + 1, AT_REMOVEDIR) < 0)
		return err_sys(err, errno, "taking the staged layers away");
	root->n_owned--;
	return true;
}

static char *lower_names(size_t n_lowers)
{
	auto_buf struct buf names;

	buf_init(&names, 256);
	for (size_t i = 0; i < n_lowers; i++)
		buf_printf(&names, i ? ":l%zu" : "l%zu", i);
	return buf_take_str(&names);
}

/*
 * What the overlay does to its layers it does as who mounted it. In root mode that must be the
 * workload's user, whom the id map turns into the layers' owner (host user 0 has no id there), but
 * with root's capabilities, since the overlay's own work folder has mode 0.
 */
static bool become(uid_t uid, gid_t gid, unsigned long securebits, struct err *err)
{
	if (prctl(PR_SET_SECUREBITS, securebits, 0, 0, 0) < 0)
		return err_sys(err, errno, "keeping capabilities while mounting an overlay");
	setfsgid(gid);
	setfsuid(uid);
	return true;
}

static int mount_as_workload(const struct root *root, const struct tree_option *options,
			     unsigned attributes, struct err *err)
{
	struct err ignored = {0};

	if (!root->root_mode)
		return tree_new("overlay", options, attributes, err);
	if (!become(root->uid, root->gid, SECBIT_NO_SETUID_FIXUP, err))
		return -1;
	auto_fd int overlay = tree_new("overlay", options, attributes, err);
	if (!become(0, 0, 0, overlay < 0 ? &ignored : err))
		return -1;
	return take_fd(&overlay);
}

static int make_overlay(const struct root *root, const struct policy_mount *mount, struct err *err)
{
	auto_free char *lowers = lower_names(mount->n_lowers);
	auto_free char *upper = xasprintf("rw%s", strrchr(mount->upper, '/'));
	auto_free char *work = xasprintf("rw%s", strrchr(mount->work, '/'));
	const struct tree_option options[] = {{"lowerdir", lowers}, {"upperdir", upper},
					      {"workdir", work},    {"userxattr", NULL},
					      {"index", "off"},	    {NULL, NULL}};

	return mount_as_workload(root, options,
				 MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					 (mount->executable ? 0 : MOUNT_ATTR_NOEXEC) |
					 (mount->writable ? 0 : MOUNT_ATTR_RDONLY),
				 err);
}

bool overlay_make(struct root *root, const struct policy_mount *mount, struct err *err)
{
	if (!begin_stage(root, err) || !stage_all(root, mount, err))
		return false;
	auto_fd int overlay = make_overlay(root, mount, err);
	if (overlay < 0)
		return err_prefix(err, "the layers of %s", mount->target);
	if (!end_stage(root, err))
		return false;
	auto_fd int target = root_folder(root, mount->target, err);
	return target >= 0 && root_attach(root, overlay, target, true, mount->target, err);
}
