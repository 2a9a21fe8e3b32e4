// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Namespaces and the identity inside. An ordinary user gets a user namespace at once, in which
 * one id is mapped: the caller's own. Root builds the sandbox outside of any user namespace and
 * enters one at the end, in which one id is mapped too: the unprivileged host user of the policy.
 * Host user 0 is never mapped, since whoever is that user owns the kernel's files.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

bool namespaces_check_caller(const struct policy *policy, struct err *err)
{
	if (geteuid() == 0 && !policy_is_root_mode(policy))
		return err_set(
			err, ERR_DENIED,
			"a sandbox started by root needs a host_uid and host_gid that are not 0");
	if (geteuid() != 0 && policy_is_root_mode(policy))
		return err_set(
			err, ERR_DENIED,
			"only root can run a sandbox as user %u: set host_uid and host_gid to 0",
			policy->host_uid);
	return true;
}

/* Whether a file below /proc/sys begins with this digit. */
static bool sysctl_is(const char *path, char digit)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	char first = 0;

	return fd >= 0 && read(fd, &first, 1) == 1 && first == digit;
}

bool namespaces_refused(int errnum, const char *doing, struct err *err)
{
	const char *why = NULL;

	if (sysctl_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
		why = "AppArmor forbids user namespaces to programs without a profile: load "
		      "capakit's profile";
	else if (sysctl_is("/proc/sys/kernel/unprivileged_userns_clone", '0'))
		why = "this host forbids user namespaces to ordinary users "
		      "(kernel.unprivileged_userns_clone is 0)";
	else if (sysctl_is("/proc/sys/user/max_user_namespaces", '0'))
		why = "this host forbids user namespaces (user.max_user_namespaces is 0)";
	else if (errnum == ENOSPC || errnum == EUSERS)
		why = "no more namespaces may be made here (user.max_user_namespaces and its "
		      "neighbours in /proc/sys/user): raise the limit";
	else if (errnum == EPERM)
		why = "this environment forbids namespaces (a container, or a system-call filter)";
	if (why)
		return err_set(err, ERR_UNSUPPORTED, "%s: %s. `capakit doctor` says what to do",
			       doing, why);
	return err_sys(err, errnum, "%s", doing);
}

unsigned long namespaces_of(const struct policy *policy)
{
	const unsigned long always = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
				     CLONE_NEWUTS | CLONE_NEWCGROUP;

	return policy_is_root_mode(policy) ? always : always | CLONE_NEWUSER;
}

pid_t namespaces_fork(unsigned long kinds, struct err *err)
{
	long pid = syscall(SYS_clone, kinds | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		namespaces_refused(errno, "making the sandbox's namespaces", err);
	return (pid_t)pid;
}

static bool write_proc(pid_t pid, const char *name, const char *text, struct err *err)
{
	auto_free char *path = xasprintf("/proc/%d/%s", (int)pid, name);
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		auto_free char *doing = xasprintf("writing %s of the sandbox", name);
		return namespaces_refused(errno, doing, err);
	}
	return true;
}

static bool write_maps(const struct policy *policy, pid_t pid, struct err *err)
{
	bool root_mode = policy_is_root_mode(policy);
	unsigned uid = root_mode ? policy->host_uid : geteuid();
	unsigned gid = root_mode ? policy->host_gid : getegid();
	auto_free char *uids = xasprintf("%u %u 1\n", policy->uid, uid);
	auto_free char *gids = xasprintf("%u %u 1\n", policy->gid, gid);

	return write_proc(pid, "setgroups", "deny", err) && write_proc(pid, "uid_map", uids, err) &&
	       write_proc(pid, "gid_map", gids, err);
}

bool namespaces_serve_maps(const struct policy *policy, pid_t pid, int sync, struct err *err)
{
	char byte = 'm';

	if (policy_is_root_mode(policy) && read(sync, &byte, 1) != 1)
		return true; // process 1 has failed already, and its exit status says so
	if (!write_maps(policy, pid, err))
		return false;
	if (send(sync, &byte, 1, MSG_NOSIGNAL) != 1)
		return err_sys(err, errno, "answering process 1");
	return true;
}

/* An end of the launcher has no text: it has said why itself. */
static bool await_byte(int launcher, struct err *err)
{
	char byte;

	return read(launcher, &byte, 1) == 1 || err_set(err, ERR_CLOSED, "%s", "");
}

bool namespaces_ask_maps(int launcher, struct err *err)
{
	if (send(launcher, "m", 1, MSG_NOSIGNAL) != 1)
		return err_set(err, ERR_CLOSED, "%s", "");
	return await_byte(launcher, err);
}

bool namespaces_await_launcher(int launcher, struct err *err)
{
	return await_byte(launcher, err);
}

bool namespaces_become_workload(const struct policy *policy, int launcher, struct err *err)
{
	if (syscall(SYS_setgroups, 0, NULL) < 0)
		return err_sys(err, errno, "dropping supplementary groups");
	if (unshare(CLONE_NEWUSER) < 0)
		return namespaces_refused(errno, "making the workload's user namespace", err);
	if (!namespaces_ask_maps(launcher, err))
		return false;
	if (setresgid(policy->gid, policy->gid, policy->gid) < 0 ||
	    setresuid(policy->uid, policy->uid, policy->uid) < 0)
		return err_sys(err, errno, "becoming the workload's user");
	return true;
}

bool namespaces_forbid_more(int proc, struct err *err)
{
	auto_fd int fd = openat(proc, "sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		return err_sys(err, errno, "forbidding further user namespaces");
	return true;
}
