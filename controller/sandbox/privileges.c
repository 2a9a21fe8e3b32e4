// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a process may still do by itself: no capability in any set, none to be had by executing
 * anything, and limits on what it uses up.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const __rlimit_resource_t resources[] = {
	[POLICY_LIMIT_NOFILE] = RLIMIT_NOFILE, [POLICY_LIMIT_NPROC] = RLIMIT_NPROC,
	[POLICY_LIMIT_FSIZE] = RLIMIT_FSIZE,   [POLICY_LIMIT_MEMLOCK] = RLIMIT_MEMLOCK,
	[POLICY_LIMIT_CORE] = RLIMIT_CORE,     [POLICY_LIMIT_STACK] = RLIMIT_STACK,
	[POLICY_LIMIT_DATA] = RLIMIT_DATA,
};

/* Where the caller's own limit is lower, that one stays. */
static bool lower(const struct policy_limit *limit, struct err *err)
{
	struct rlimit value;

	if (getrlimit(resources[limit->resource], &value) < 0)
		return err_sys(err, errno, "reading a resource limit");
	if (value.rlim_max > limit->value)
		value.rlim_max = limit->value;
	value.rlim_cur = value.rlim_max;
	return setrlimit(resources[limit->resource], &value) == 0 ||
	       err_sys(err, errno, "setting a resource limit (%s)", limit->reason);
}

static bool lower_those(const struct policy *policy, bool of_data, struct err *err)
{
	for (size_t i = 0; i < policy->n_limits; i++)
		if ((policy->limits[i].resource == POLICY_LIMIT_DATA) == of_data &&
		    !lower(&policy->limits[i], err))
			return false;
	return true;
}

bool privileges_limit_resources(const struct policy *policy, struct err *err)
{
	return lower_those(policy, false, err);
}

bool privileges_limit_data(const struct policy *policy, struct err *err)
{
	return lower_those(policy, true, err);
}

static bool drop_bounding(struct err *err)
{
	for (unsigned long cap = 0; cap < 64; cap++) {
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL && cap > CAP_CHECKPOINT_RESTORE)
			return true; // the kernel has no more
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 0)
			return err_sys(err, errno, "dropping capability %lu", cap);
	}
	return true;
}

/* Being user 0, changing users and ambient capabilities give nothing back any more. */
static bool lock_securebits(void)
{
	const unsigned long bits = SECURE_ALL_BITS & ~(unsigned long)SECBIT_KEEP_CAPS;

	return prctl(PR_SET_SECUREBITS, bits | SECURE_ALL_LOCKS, 0, 0, 0) == 0;
}

bool privileges_keep_none(struct err *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[2] = {{0}};

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
	    syscall(SYS_capset, &header, none) < 0)
		return err_sys(err, errno, "dropping all capabilities");
	return true;
}

bool privileges_forbid_new(struct err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, errno, "forbidding new privileges");
	return true;
}

bool privileges_drop(struct err *err)
{
	if (!drop_bounding(err))
		return false;
	if (!lock_securebits())
		return err_sys(err, errno, "locking the securebits");
	return privileges_keep_none(err);
}

bool privileges_hide(struct err *err)
{
	return prctl(PR_SET_DUMPABLE, 0) == 0 || err_sys(err, errno, "forbidding dumps");
}

bool privileges_die_with(int parent_pidfd, struct err *err)
{
	struct pollfd parent = {.fd = parent_pidfd, .events = POLLIN};

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_sys(err, errno, "setting the parent death signal");
	if (poll(&parent, 1, 0) != 0)
		return err_set(err, ERR_CLOSED, "%s", ""); // nobody is left to read why
	return true;
}
