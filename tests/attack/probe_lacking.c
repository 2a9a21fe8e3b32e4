// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Helpers of the tests, run outside: a command on a host that lacks something, as far as a filter
 * of system calls can pretend it.
 */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void refuse(scmp_filter_ctx filter, const char *name, int error)
{
	if (seccomp_rule_add(filter, SCMP_ACT_ERRNO((unsigned)error),
			     seccomp_syscall_resolve_name(name), 0) < 0)
		exit(probe_fail(name));
}

/* What the usual container runtimes refuse: new namespaces of any kind, and mounts. */
static int in_container(int argc, char **argv)
{
	static const unsigned long kinds[] = {CLONE_NEWUSER,  CLONE_NEWNS,  CLONE_NEWPID,
					      CLONE_NEWNET,   CLONE_NEWIPC, CLONE_NEWUTS,
					      CLONE_NEWCGROUP};
	static const char *const calls[] = {"unshare", "setns", "mount", "umount2", "pivot_root"};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
				     SCMP_A0(SCMP_CMP_MASKED_EQ, kinds[i], kinds[i])) < 0)
			return probe_fail("clone");
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		refuse(filter, calls[i], EPERM);
	refuse(filter, "clone3", ENOSYS);
	return seccomp_load(filter) < 0 ? probe_fail("the filter") : probe_run(argv);
}

/* A user namespace can be made, and gives no right to anything (Ubuntu 24.04). */
static int without_rights(int argc, char **argv)
{
	static const char *const calls[] = {"mount",   "umount2",    "pivot_root", "sethostname",
					    "fsmount", "move_mount", "open_tree",  "mount_setattr"};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		refuse(filter, calls[i], i == 0 ? EACCES : EPERM);
	return seccomp_load(filter) < 0 ? probe_fail("the filter") : probe_run(argv);
}

static bool names(pid_t pid, uint64_t address, const char *name)
{
	char path[64], text[64] = "";
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool read_it = fd >= 0 && pread(fd, text, sizeof(text) - 1, (off_t)address) > 0;

	if (fd >= 0)
		close(fd);
	return read_it && strcmp(text, name) == 0;
}

/* Answers each fsopen(2): as a kernel without the file system, or with the kernel's own answer. */
static void answer(int listener, const char *name)
{
	struct seccomp_notif *question;
	struct seccomp_notif_resp *reply;

	if (seccomp_notify_alloc(&question, &reply) < 0)
		exit(probe_fail("seccomp_notify_alloc"));
	while (seccomp_notify_receive(listener, question) == 0) {
		bool lacking = names((pid_t)question->pid, question->data.args[0], name);
		*reply = (struct seccomp_notif_resp){
			.id = question->id,
			.error = lacking ? -ENODEV : 0,
			.flags = lacking ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE,
		};
		seccomp_notify_respond(listener, reply);
		memset(question, 0, sizeof(*question));
	}
}

/* without-filesystem NAME COMMAND...: a child of this process answers, until nobody asks any more.
 */
static int without_filesystem(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (!filter || seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(fsopen), 0) < 0 ||
	    seccomp_load(filter) < 0)
		return probe_fail("the filter");
	int listener = seccomp_notify_fd(filter);
	pid_t command = fork();
	if (command == 0) {
		close(listener);
		_exit(probe_run(argv + 1));
	}
	pid_t supervisor = fork();
	if (supervisor == 0) {
		answer(listener, argv[0]);
		_exit(0);
	}
	int status = 0;
	waitpid(command, &status, 0);
	kill(supervisor, SIGKILL);
	waitpid(supervisor, NULL, 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

const struct probe probes_of_lacking[] = {
	{"in-container", in_container},
	{"without-rights", without_rights},
	{"without-filesystem", without_filesystem},
	{NULL, NULL},
};
