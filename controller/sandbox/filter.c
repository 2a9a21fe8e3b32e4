// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Installs the system-call filter (filter_rules.c says what is in it, filter_gen.c compiled it).
 * It is the last step: what is set up before it needs calls that it refuses.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "controller/sandbox/filter_programs.h"

static bool install(const struct sock_filter *instructions, size_t count, struct err *err)
{
	struct sock_fprog program = {
		.len = (unsigned short)count,
		.filter = (struct sock_filter *)(uintptr_t)instructions,
	};

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return err_sys(err, errno,
			       "installing the system-call filter (seccomp; the kernel needs "
			       "CONFIG_SECCOMP_FILTER)");
	return true;
}

bool filter_install_launcher(struct err *err)
{
	return install(filter_of_launcher, array_len(filter_of_launcher), err);
}

bool filter_install_arguments(const struct policy *policy, struct err *err)
{
	return policy->network == POLICY_NET_NONE
		       ? install(filter_of_arguments_none, array_len(filter_of_arguments_none), err)
		       : install(filter_of_arguments_inet, array_len(filter_of_arguments_inet),
				 err);
}

/* The list of calls comes last, since it refuses seccomp(2) itself. */
bool filter_install_calls(const struct policy *policy, struct err *err)
{
	for (size_t i = 0; i < array_len(filters_of_calls); i++)
		if (str_eq(filters_of_calls[i].profile, policy->profile))
			return install(filters_of_calls[i].program, filters_of_calls[i].count, err);
	return err_set(err, ERR_USAGE, "there is no filter for the profile \"%s\"",
		       policy->profile);
}
