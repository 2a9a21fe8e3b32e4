// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The process outside. It makes process 1 of the sandbox, writes the id maps that only somebody
 * outside can write, and then waits with nothing left: no descriptors, no capabilities, the
 * workload's user instead of root, a handful of system calls. Its death is the sandbox's death.
 */
#include "controller/sandbox/parts.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

static bool make_sync(int pair[2], struct err *err)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(err, errno, "making a socket pair");
	return true;
}

/* Root is needed no longer once the maps are written. */
static bool leave_root(const struct policy *policy, struct err *err)
{
	if (!policy_is_root_mode(policy))
		return true;
	if (syscall(SYS_setgroups, 0, NULL) < 0 ||
	    setresgid(policy->host_gid, policy->host_gid, policy->host_gid) < 0 ||
	    setresuid(policy->host_uid, policy->host_uid, policy->host_uid) < 0)
		return err_sys(err, errno, "becoming user %u", policy->host_uid);
	return true;
}

/* Changing the user forgets the parent death signal, so it is set again. */
static bool confine(pid_t parent, struct err *err)
{
	if (!privileges_keep_none(err) || !privileges_forbid_new(err) || !privileges_hide(err))
		return false;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_sys(err, errno, "setting the parent death signal");
	if (getppid() != parent)
		return err_set(err, ERR_CLOSED, "the process that started this sandbox is gone");
	return filter_install_launcher(err);
}

/* Process 1 executes nothing before it hears that this process is confined too. */
static bool serve(const struct policy *policy, pid_t child, int sync, pid_t parent, struct err *err)
{
	if (!namespaces_serve_maps(policy, child, sync, err))
		return false;
	if (!leave_root(policy, err) || !confine(parent, err))
		return false;
	if (send(sync, "g", 1, MSG_NOSIGNAL) != 1 && errno != EPIPE)
		return err_sys(err, errno, "answering process 1");
	return true;
}

/* When both fail (the kernel lacks something that both need), the one inside has said why. */
static int give_up(pid_t child, int *sync)
{
	fd_close(sync);
	return init_wait(child) == SANDBOX_EXIT_SETUP ? SANDBOX_EXIT_SETUP : -1;
}

int launcher_run(const struct policy *policy, struct err *err)
{
	pid_t parent = getppid();
	int pair[2];

	if (!make_sync(pair, err))
		return -1;
	auto_fd int ours = pair[0];
	auto_fd int theirs = pair[1];
	auto_fd int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (self < 0) {
		err_sys(err, errno, "opening a pidfd");
		return -1;
	}
	init_block_signals();
	pid_t child = namespaces_fork(namespaces_of(policy), err);
	if (child < 0)
		return -1;
	if (child == 0) {
		fd_close(&ours);
		setup_and_run(policy, take_fd(&theirs), take_fd(&self));
	}
	fd_close(&theirs);
	fd_close(&self);
	if (!serve(policy, child, ours, parent, err))
		return give_up(child, &ours);
	if (close_range(3, ~0U, 0) < 0)
		return give_up(child, &ours);
	return init_wait(child);
}
