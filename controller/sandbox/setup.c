// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Process 1 of the sandbox, from its first instruction to the command: the list of everything
 * that confines it, in the order in which it has to happen. What needs a capability comes before
 * they are dropped; what other steps would be refused by comes last.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

/* In root mode the root is built by root, so that nothing in it belongs to the workload. */
static bool own_namespaces(const struct policy *policy, int launcher, struct err *err)
{
	if (!policy_is_root_mode(policy) && !namespaces_await_launcher(launcher, err))
		return false;
	if (setsid() < 0)
		return err_sys(err, errno, "starting a session");
	if (sethostname(policy->hostname, strlen(policy->hostname)) < 0)
		return namespaces_refused(errno, "setting the host name", err); // the first right
	return network_set_up(policy, err);
}

static bool own_root(const struct policy *policy, struct root *root, struct err *err)
{
	umask(0);
	return root_begin(root, policy, err) && mounts_make(root, policy, err) &&
	       root_enter(root, err);
}

/* An ordinary user has been the workload's user from the beginning. */
static bool own_user(const struct policy *policy, struct root *root, int launcher, struct err *err)
{
	if (!root->has_proc)
		return err_set(err, ERR_USAGE, "the policy has no mount of kind proc");
	if (!root->root_mode)
		return true;
	if (!namespaces_become_workload(policy, launcher, err) ||
	    !namespaces_forbid_more(root->proc, err))
		return false;
	fd_close(&root->proc);
	return true;
}

static bool go_to_work(const struct policy *policy, struct err *err)
{
	umask(policy->umask);
	if (chdir(policy->directory) < 0)
		return err_sys(err, errno, "entering the working directory %s", policy->directory);
	return true;
}

static bool close_the_door(const struct policy *policy, int launcher, int launcher_pidfd,
			   struct err *err)
{
	return privileges_drop(err) && privileges_forbid_new(err) &&
	       landlock_restrict(policy, err) && privileges_hide(err) &&
	       privileges_die_with(launcher_pidfd, err) && filter_install_arguments(policy, err) &&
	       filter_install_calls(policy, err) && namespaces_await_launcher(launcher, err);
}

static bool set_up(const struct policy *policy, int launcher, int launcher_pidfd, struct err *err)
{
	struct root root = {.fd = -1, .proc = -1, .idmap = -1};

	return own_namespaces(policy, launcher, err) && own_root(policy, &root, err) &&
	       own_user(policy, &root, launcher, err) && privileges_limit_resources(policy, err) &&
	       go_to_work(policy, err) && network_await_egress(policy, err) &&
	       close_the_door(policy, launcher, launcher_pidfd, err);
}

void setup_and_run(const struct policy *policy, int launcher, int launcher_pidfd)
{
	struct err err = {0};

	if (set_up(policy, launcher, launcher_pidfd, &err))
		init_run(policy);
	if (err.text[0])
		failure_say(&err);
	_exit(err.text[0] ? SANDBOX_EXIT_SETUP : SANDBOX_EXIT_SILENT);
}
