// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Landlock, as a second opinion on the mounts: everything in the root may be read and executed,
 * only what the policy lists as writable may be written, and what is not in the root (a folder
 * that a descriptor leads to, the launcher's own program file) may not be opened at all. The
 * floor is ABI 1; what later ones add is used where it is there.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/landlock.h"
#include "base/mem.h"

static const uint64_t readable = LANDLOCK_EXECUTE | LANDLOCK_READ_FILE | LANDLOCK_READ_DIR;

static bool allow(int rules, const struct landlock_handled *handled, const char *path,
		  uint64_t rights, struct err *err)
{
	auto_fd int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, errno, "opening %s for its Landlock rule", path);
	return landlock_allow(rules, handled, fd, rights, path, err);
}

static uint64_t rights_of(const struct policy_mount *mount)
{
	const uint64_t no_devices =
		LANDLOCK_ALL_FILES & ~(uint64_t)(LANDLOCK_MAKE_CHAR | LANDLOCK_MAKE_BLOCK);

	switch (mount->kind) {
	case POLICY_MOUNT_BIND:
	case POLICY_MOUNT_OVERLAY:
		return mount->writable ? no_devices : 0;
	case POLICY_MOUNT_TMPFS:
		return no_devices;
	case POLICY_MOUNT_DEV:
		return readable | LANDLOCK_WRITE_FILE | LANDLOCK_TRUNCATE | LANDLOCK_IOCTL_DEV;
	case POLICY_MOUNT_PROC:
	case POLICY_MOUNT_FILE:
	case POLICY_MOUNT_SYMLINK:
	case POLICY_MOUNT_DIR:
		return 0;
	}
	return 0;
}

bool landlock_restrict(const struct policy *policy, struct err *err)
{
	struct landlock_handled handled = {
		.fs = LANDLOCK_ALL_FILES,
		.net = policy->network == POLICY_NET_NONE ? LANDLOCK_BIND_TCP | LANDLOCK_CONNECT_TCP
							  : 0,
		.scoped = LANDLOCK_ABSTRACT_UNIX | LANDLOCK_SIGNAL,
	};
	auto_fd int rules = landlock_open(&handled, err);

	if (rules < 0 || !allow(rules, &handled, "/", readable, err))
		return false;
	for (size_t i = 0; i < policy->n_mounts; i++) {
		uint64_t rights = rights_of(&policy->mounts[i]);
		if (rights && !allow(rules, &handled, policy->mounts[i].target, rights, err))
			return false;
	}
	return landlock_apply(rules, err);
}
