// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Detached mounts: copies of parts of the host's tree, and new file systems. They get all their
 * restrictions before they are attached anywhere, so there is no moment with less.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

int tree_clone(int fd, const char *path, struct err *err)
{
	int clone = open_tree(fd, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | O_CLOEXEC);

	if (clone < 0)
		err_sys(err, errno, "copying the mount of %s (open_tree)", path);
	return clone;
}

bool tree_restrict(int mount, uint64_t attributes, bool all, const char *path, struct err *err)
{
	struct mount_attr attr = {.attr_set = attributes, .propagation = MS_PRIVATE};

	if (mount_setattr(mount, "", AT_EMPTY_PATH | (all ? AT_RECURSIVE : 0), &attr,
			  sizeof(attr)) < 0)
		return err_sys(err, errno, "restricting the mount of %s (mount_setattr)", path);
	return true;
}

/* The kernel says what it did not like about a file system in its own log of messages. */
static bool refused(int fs, int errnum, const char *type, struct err *err)
{
	char message[200];
	ssize_t len = fs < 0 ? 0 : read(fs, message, sizeof(message) - 1);

	if (len <= 0)
		return err_sys(err, errnum, "making a file system of type %s", type);
	while (len > 0 && message[len - 1] == '\n')
		len--;
	return err_sys(err, errnum, "making a file system of type %s (%.*s)", type, (int)len,
		       message);
}

static bool configure(int fs, const struct tree_option *options)
{
	for (; options->key; options++) {
		unsigned command = options->value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;
		if (fsconfig(fs, command, options->key, options->value, 0) < 0)
			return false;
	}
	return fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0;
}

int tree_new(const char *type, const struct tree_option *options, unsigned attributes,
	     struct err *err)
{
	auto_fd int fs = fsopen(type, FSOPEN_CLOEXEC);

	if (fs < 0 && errno == ENODEV) {
		err_set(err, ERR_UNSUPPORTED,
			"this kernel has no file system of type %s: load its module (modprobe %s), "
			"or take a kernel that has it",
			type, type);
		return -1;
	}
	if (fs < 0 || !configure(fs, options)) {
		refused(fs, errno, type, err);
		return -1;
	}
	int mount = fsmount(fs, FSMOUNT_CLOEXEC, attributes);
	if (mount < 0)
		refused(fs, errno, type, err);
	return mount;
}
