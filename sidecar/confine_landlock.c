// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Landlock for a role: every right that this kernel knows is handled and none is granted, so no
 * file can be opened, made or run, no TCP port bound (nor dialled, but by egress), no abstract Unix
 * socket of others reached and no process outside signalled. The structure is spelt out here
 * because the distribution's headers are older than the kernels that will run this.
 */
#include "sidecar/confine_landlock.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

enum { // by the ABI that brought them
	FS_RIGHTS_1 = 13,
	FS_RIGHTS_2 = 14,
	FS_RIGHTS_3 = 15,
	FS_RIGHTS_5 = 16,
};
#define NET_BIND_TCP 1u
#define NET_CONNECT_TCP 2u
#define SCOPE_ABSTRACT_UNIX 1u
#define SCOPE_SIGNAL 2u
#define CREATE_RULESET_VERSION 1u

struct ruleset { // struct landlock_ruleset_attr of ABI 6
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

static unsigned fs_rights(long abi)
{
	if (abi >= 5)
		return FS_RIGHTS_5;
	if (abi >= 3)
		return FS_RIGHTS_3;
	return abi == 2 ? FS_RIGHTS_2 : FS_RIGHTS_1;
}

bool confine_landlock(const struct confine_role *role, struct err *err)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
	if (abi < 1) {
		int errnum = errno;
		err_sys(err, errnum,
			"asking for Landlock (the kernel needs "
			"CONFIG_SECURITY_LANDLOCK and \"landlock\" in its lsm= list)");
		err->code = ERR_UNSUPPORTED;
		return false;
	}
	struct ruleset rules = {.fs = (UINT64_C(1) << fs_rights(abi)) - 1};
	if (abi >= 4)
		rules.net =
			NET_BIND_TCP | (role->calls & CONFINE_INET_STREAM ? 0 : NET_CONNECT_TCP);
	if (abi >= 6)
		rules.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
	auto_fd int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
	if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		return err_sys(err, errno, "giving up the file system (Landlock ABI %ld)", abi);
	return true;
}
