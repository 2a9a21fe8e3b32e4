// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Helpers of the tests, run outside: they start a sandbox in some particular situation (on a
 * terminal, with descriptors left open, on a kernel that lacks something) and give its status.
 */
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int status_of(pid_t pid)
{
	int status;

	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The command has a new terminal as standard input and as controlling terminal. */
static int with_terminal(int argc, char **argv)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return probe_fail("opening a terminal");
	pid_t pid = fork();
	if (pid == 0) {
		int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
		close(master);
		setsid();
		if (ioctl(slave, TIOCSCTTY, 0) < 0 || dup2(slave, 0) < 0)
			_exit(probe_fail("taking the terminal"));
		close(slave);
		_exit(probe_run(argv));
	}
	return status_of(pid);
}

/* The same with a virtual console that nobody looks at, for its own requests. */
static int with_console(int argc, char **argv)
{
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		int console = open("/dev/tty63", O_RDWR | O_NOCTTY);
		if (console < 0 || ioctl(console, TIOCSCTTY, 0) < 0 || dup2(console, 0) < 0)
			_exit(probe_fail("taking a console"));
		close(console);
		_exit(probe_run(argv));
	}
	return status_of(pid);
}

/* As the controller starts it: no arguments, no environment, the policy on descriptor 3. */
static int exec_sealed(const char *launcher, const char *policy, bool seal)
{
	static char text[1 << 20];
	int file = open(policy, O_RDONLY);
	ssize_t len = read(file, text, sizeof(text));
	int memory = memfd_create("policy", MFD_ALLOW_SEALING);
	char *const arguments[] = {(char *)(uintptr_t)launcher, NULL};
	char *const environment[] = {NULL};

	if (len < 0 || write(memory, text, (size_t)len) != len)
		return probe_fail("copying the policy");
	if (seal && fcntl(memory, F_ADD_SEALS,
			  F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return probe_fail("sealing");
	close(file);
	if (memory != 3 && dup2(memory, 3) < 0)
		return probe_fail("dup2");
	execve(launcher, arguments, environment);
	return probe_fail(launcher);
}

static int sealed(int argc, char **argv)
{
	return exec_sealed(argv[0], argv[1], true);
}

static int unsealed(int argc, char **argv)
{
	return exec_sealed(argv[0], argv[1], false);
}

static int receive_fd(int channel)
{
	char byte;
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec vector = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	int fd = -1;

	if (recvmsg(channel, &message, 0) == 1 && CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return fd;
}

/* Serves one connection on the listener from inside the sandbox: every client is told "egress". */
static int serve_one(int channel)
{
	int listener = receive_fd(channel);
	fd_set set;

	if (listener < 0)
		return probe_fail("no listener came");
	if (write(channel, "g", 1) != 1)
		return probe_fail("answering");
	FD_ZERO(&set);
	FD_SET(listener, &set);
	if (select(listener + 1, &set, NULL, NULL, &(struct timeval){.tv_sec = 10}) != 1)
		return probe_fail("nobody connected");
	int client = accept(listener, NULL, NULL);
	return write(client, "egress\n", 7) == 7 ? 0 : probe_fail("serving");
}

/* As the controller with a phase that has network; "silent": it goes away without an answer. */
static int egress(int argc, char **argv)
{
	int pair[2];
	bool silent = argc > 2 && strcmp(argv[2], "silent") == 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return probe_fail("socketpair");
	pid_t pid = fork();
	if (pid == 0) {
		if (dup2(pair[1], 20) < 0)
			_exit(2);
		_exit(exec_sealed(argv[0], argv[1], true));
	}
	close(pair[1]);
	if (silent) {
		close(receive_fd(pair[0]));
		close(pair[0]);
	} else if (serve_one(pair[0]) != 0)
		return 2;
	return status_of(pid);
}

/* Connects to 127.0.0.1 inside and prints what it is told. */
static int dial(int argc, char **argv)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(argv[0])),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char text[64];

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return probe_fail("connecting");
	ssize_t len = read(fd, text, sizeof(text));
	return len > 0 && write(1, text, (size_t)len) == len ? 0 : 1;
}

/* A kernel without one system call, or one that refuses it: without-call NAME ERRNO COMMAND... */
static int without_call(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int number = seccomp_syscall_resolve_name(argv[0]);
	unsigned error = (unsigned)atoi(argv[1]);

	if (!filter || number < 0 ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), number, 0) < 0 ||
	    seccomp_load(filter) < 0)
		return probe_fail(argv[0]);
	return probe_run(argv + 2);
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return good;
}

/* The maps are written by the parent, which may map more than its own user. */
static bool become_user_of_namespace(const char *uids, const char *gids)
{
	char path[64];
	int ready[2];
	pid_t parent = getpid();

	if (pipe(ready) < 0)
		return false;
	pid_t pid = fork();
	if (pid == 0) {
		char byte;
		bool good = read(ready[0], &byte, 1) == 1;
		snprintf(path, sizeof(path), "/proc/%d/setgroups", (int)parent);
		good = good && (geteuid() == 0 || write_file(path, "deny"));
		snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)parent);
		good = good && write_file(path, uids);
		snprintf(path, sizeof(path), "/proc/%d/gid_map", (int)parent);
		_exit(good && write_file(path, gids) ? 0 : 1);
	}
	return unshare(CLONE_NEWUSER) == 0 && write(ready[1], "u", 1) == 1 && status_of(pid) == 0;
}

/* A machine that allows no user namespaces. */
static int without_namespaces(int argc, char **argv)
{
	char uids[32], gids[32];

	snprintf(uids, sizeof(uids), "%u %u 1", geteuid(), geteuid());
	snprintf(gids, sizeof(gids), "%u %u 1", getegid(), getegid());
	if (geteuid() == 0) { // as in a container, which has many users
		snprintf(uids, sizeof(uids), "0 0 65536");
		snprintf(gids, sizeof(gids), "0 0 65536");
	}
	if (!become_user_of_namespace(uids, gids) ||
	    !write_file("/proc/sys/user/max_user_namespaces", "0"))
		return probe_fail("forbidding user namespaces");
	return probe_run(argv);
}

/* Leaves descriptors open: the host's root folder, a file, a socket. */
static int leaking(int argc, char **argv)
{
	int pair[2];

	for (int fd = 3; fd < 40; fd++)
		if (open(fd % 2 ? "/" : "/etc/passwd", O_RDONLY) < 0)
			return probe_fail("opening");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 || dup2(pair[0], 900) < 0)
		return probe_fail("socketpair");
	return probe_run(argv);
}

/* A parent that is killed while the sandbox runs: killed-parent MILLISECONDS COMMAND... */
static int killed_parent(int argc, char **argv)
{
	pid_t parent = fork();

	if (parent == 0) {
		if (fork() == 0)
			_exit(probe_run(argv + 1));
		pause();
		_exit(0);
	}
	usleep((useconds_t)atoi(argv[0]) * 1000);
	kill(parent, SIGKILL);
	status_of(parent);
	return 0;
}

/* Prints the version of Landlock, of which a kernel's is a part. */
static int landlock_version(int argc, char **argv)
{
	printf("%ld\n", syscall(SYS_landlock_create_ruleset, NULL, 0, 1));
	return 0;
}

const struct probe probes_of_starts[] = {
	{"victim", attack_victim},
	{"landlock-version", landlock_version},
	{"with-terminal", with_terminal},
	{"with-console", with_console},
	{"sealed", sealed},
	{"unsealed", unsealed},
	{"egress", egress},
	{"dial", dial},
	{"without-call", without_call},
	{"without-namespaces", without_namespaces},
	{"leaking", leaking},
	{"killed-parent", killed_parent},
	{NULL, NULL},
};
