// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A /dev with the few devices that programs cannot do without. They are copies of the host's
 * own, which are checked to be what their names say; there is no terminal among them.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"

struct device {
	const char *name;
	unsigned minor; // of major 1
};
static const struct device devices[] = {
	{"null", 3}, {"zero", 5}, {"full", 7}, {"random", 8}, {"urandom", 9},
};

struct link {
	const char *name;
	const char *to;
};
static const struct link links[] = {
	{"fd", "/proc/self/fd"},
	{"stdin", "/proc/self/fd/0"},
	{"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"},
};

static int clone_device(const struct device *device, struct err *err)
{
	auto_free char *path = xasprintf("/dev/%s", device->name);
	auto_fd int fd = path_open_absolute(path, O_PATH, err);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, device->minor)) {
		err_set(err, ERR_UNSUPPORTED, "%s of this host is not the device of that name",
			path);
		return -1;
	}
	auto_fd int clone = tree_clone(fd, path, err);
	if (clone < 0 ||
	    !tree_restrict(clone, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, false, path, err))
		return -1;
	return take_fd(&clone);
}

int devices_clone_null(struct err *err)
{
	return clone_device(&devices[0], err);
}

static bool make_device(struct root *root, const char *folder, const struct device *device,
			struct err *err)
{
	auto_free char *path = xasprintf("%s/%s", folder, device->name);
	auto_fd int clone = clone_device(device, err);

	if (clone < 0)
		return false;
	auto_fd int target = root_file(root, path, err);
	return target >= 0 && root_attach(root, clone, target, false, path, err);
}

bool devices_make(struct root *root, const struct policy_mount *mount, struct err *err)
{
	auto_fd int folder = root_folder(root, mount->target, err);

	if (folder < 0)
		return false;
	for (size_t i = 0; i < array_len(devices); i++)
		if (!make_device(root, mount->target, &devices[i], err))
			return false;
	for (size_t i = 0; i < array_len(links); i++)
		if (symlinkat(links[i].to, folder, links[i].name) < 0)
			return err_sys(err, errno, "making %s/%s", mount->target, links[i].name);
	return true;
}
