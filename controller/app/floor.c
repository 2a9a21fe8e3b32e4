// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Asks the kernel for each call that has no older form to fall back on, with arguments that it can
 * only refuse: ENOSYS means that there is no such call.
 */
#include "controller/app/floor.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/landlock.h"
#include "base/mem.h"

static const struct {
	const char *name;
	long number;
} calls[] = {
	{"openat2", SYS_openat2},	{"close_range", SYS_close_range},
	{"pidfd_open", SYS_pidfd_open}, {"open_tree", SYS_open_tree},
	{"move_mount", SYS_move_mount}, {"mount_setattr", SYS_mount_setattr},
	{"fsopen", SYS_fsopen},		{"fsconfig", SYS_fsconfig},
	{"fsmount", SYS_fsmount},
};

static bool check_calls(struct err *err)
{
	for (size_t i = 0; i < array_len(calls); i++)
		if (syscall(calls[i].number, -1L, -1L, -1L, -1L, -1L) < 0 && errno == ENOSYS)
			return err_set(err, ERR_UNSUPPORTED,
				       "this kernel has no %s(2), or something around capakit "
				       "hides it: Linux 6.1 or later is needed. `capakit doctor` "
				       "says more",
				       calls[i].name);
	return true;
}

static bool check_seccomp(struct err *err)
{
	const uint32_t action = SECCOMP_RET_KILL_PROCESS;

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
		return true;
	return err_set(err, ERR_UNSUPPORTED,
		       "this kernel has no system-call filters: it needs CONFIG_SECCOMP_FILTER. "
		       "`capakit doctor` says more");
}

bool floor_check(struct err *err)
{
	return check_calls(err) && check_seccomp(err) && landlock_version(err) > 0;
}
