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
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

/* Written out, since the distribution's kernel headers may be older than the kernel. */
enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_MAKE_CHAR = 1 << 6,
	FS_MAKE_BLOCK = 1 << 11,
	FS_ABI_1 = (1 << 13) - 1,
	FS_REFER = 1 << 13,	// ABI 2
	FS_TRUNCATE = 1 << 14,	// ABI 3
	FS_IOCTL_DEV = 1 << 15, // ABI 5
	NET_TCP = 3,		// ABI 4: bind and connect
	SCOPE_ALL = 3,		// ABI 6: abstract Unix sockets and signals
	RULE_PATH_BENEATH = 1,
	CREATE_RULESET_VERSION = 1,
};

struct ruleset_attr {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};
struct __attribute__((packed)) path_beneath_attr {
	uint64_t allowed;
	int32_t parent;
};

static const uint64_t readable = FS_EXECUTE | FS_READ_FILE | FS_READ_DIR;
static const uint64_t of_files =
	FS_EXECUTE | FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV;

static uint64_t handled_fs(long abi)
{
	return (uint64_t)FS_ABI_1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
	       (abi >= 5 ? FS_IOCTL_DEV : 0);
}

static long find_abi(struct err *err)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	if (abi < 1)
		err_set(err, ERR_UNSUPPORTED,
			"this kernel has no Landlock: build it with CONFIG_SECURITY_LANDLOCK and "
			"have "
			"\"landlock\" in its list of security modules (kernel parameter lsm=)");
	return abi;
}

/* An older kernel knows only the beginning of the struct. */
static int make_ruleset(const struct policy *policy, long abi, struct err *err)
{
	const struct ruleset_attr attr = {
		.fs = handled_fs(abi),
		.net = policy->network == POLICY_NET_NONE ? NET_TCP : 0,
		.scoped = SCOPE_ALL,
	};
	size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
	long fd = syscall(SYS_landlock_create_ruleset, &attr, size, 0);

	if (fd < 0)
		err_sys(err, errno, "making the Landlock rules");
	return (int)fd;
}

static bool allow(int ruleset, const char *path, uint64_t rights, struct err *err)
{
	auto_fd int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, errno, "opening %s for its Landlock rule", path);
	const struct path_beneath_attr rule = {
		.allowed = S_ISDIR(st.st_mode) ? rights : rights & of_files,
		.parent = fd,
	};
	if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) < 0)
		return err_sys(err, errno, "adding the Landlock rule of %s", path);
	return true;
}

static uint64_t rights_of(const struct policy_mount *mount, uint64_t handled)
{
	const uint64_t no_devices = handled & ~(uint64_t)(FS_MAKE_CHAR | FS_MAKE_BLOCK);

	switch (mount->kind) {
	case POLICY_MOUNT_BIND:
		return mount->writable ? no_devices : 0;
	case POLICY_MOUNT_TMPFS:
	case POLICY_MOUNT_OVERLAY:
		return no_devices;
	case POLICY_MOUNT_DEV:
		return handled & (readable | FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV);
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
	long abi = find_abi(err);

	if (abi < 1)
		return false;
	auto_fd int ruleset = make_ruleset(policy, abi, err);
	if (ruleset < 0 || !allow(ruleset, "/", readable, err))
		return false;
	for (size_t i = 0; i < policy->n_mounts; i++) {
		uint64_t rights = rights_of(&policy->mounts[i], handled_fs(abi));
		if (rights && !allow(ruleset, policy->mounts[i].target, rights, err))
			return false;
	}
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return err_sys(err, errno, "applying the Landlock rules");
	return true;
}
