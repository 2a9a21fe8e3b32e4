// SPDX-License-Identifier: GPL-3.0-or-later
/* Carries a row out: capabilities(7), prctl(2), setrlimit(2), landlock(7), and last seccomp(2). */
#include "confine/restrict.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/landlock.h"
#include "confine/filter.h"

static bool keep_capabilities(const struct confine_row *row, struct err *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
	    syscall(SYS_capget, &header, sets) < 0)
		return err_sys(err, errno, "looking at the capabilities");
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		uint32_t kept = (uint32_t)(row->capabilities >> (32 * i));
		sets[i].permitted &= kept;
		sets[i].effective = sets[i].permitted;
		sets[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, sets) < 0)
		return err_sys(err, errno, "dropping capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, errno, "forbidding new privileges");
	return true;
}

/* Nobody but root looks into it, and it leaves nothing behind. */
static bool set_limits(const struct confine_row *row, struct err *err)
{
	const struct rlimit none = {0, 0};
	if (setrlimit(RLIMIT_CORE, &none) < 0 ||
	    (!row->starts_others && setrlimit(RLIMIT_NPROC, &none) < 0))
		return err_sys(err, errno, "lowering the limits of the process");
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_sys(err, errno, "making the memory unreadable for others");
	return true;
}

/*
 * Landlock is inherited by what a process starts. Any rules about files forbid mounts, those about
 * ports hold in every network, and even rules about signals alone forbid to move a file to another
 * folder (LANDLOCK_ACCESS_FS_REFER is denied unless a rule grants it): so none for who starts
 * others, which have their own.
 */
static bool confine_files(const struct confine_row *row, const struct confine_place *places,
			  size_t n_places, struct err *err)
{
	bool dials = row->calls & CONFINE_CALLS_INET_STREAM;
	struct landlock_handled handled = {
		.fs = LANDLOCK_ALL_FILES,
		.net = LANDLOCK_BIND_TCP | (dials ? 0 : LANDLOCK_CONNECT_TCP),
		.scoped = LANDLOCK_ABSTRACT_UNIX | LANDLOCK_SIGNAL,
	};
	if (row->starts_others)
		return true;
	auto_fd int rules = landlock_open(&handled, err);
	if (rules < 0)
		return false;
	for (size_t i = 0; i < n_places; i++) {
		const struct confine_files *files = &row->files[places[i].kind];
		if (!landlock_allow(rules, &handled, places[i].fd, files->rights, files->where,
				    err))
			return false;
	}
	return landlock_apply(rules, err);
}

static bool confine_row(const struct confine_row *row, const struct confine_place *places,
			size_t n_places, bool debugging, struct err *err)
{
	if (keep_capabilities(row, err) && set_limits(row, err) &&
	    confine_files(row, places, n_places, err) && confine_filter_load(row, debugging, err))
		return true;
	return err_prefix(err, "confining the %s", row->name);
}

bool confine_restrict(enum confine_process process, const struct confine_place *places,
		      size_t n_places, struct err *err)
{
	return confine_row(&confine_table[process], places, n_places, false, err);
}

bool confine_restrict_controller(bool debugging, struct err *err)
{
	return confine_row(&confine_table[CONFINE_CONTROLLER], NULL, 0, debugging, err);
}
