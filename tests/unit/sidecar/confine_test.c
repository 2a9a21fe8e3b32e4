// SPDX-License-Identifier: GPL-3.0-or-later
// Confinement is tested by trying what must not work, in a forked child per attempt. As root the
// child first becomes an ordinary user, as the controller does it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/limits.h"
#include "sidecar/confine.h"

#define USER 61234 // nobody's
#define KILLED (-SIGSYS)

enum { NOT_CONFINED = 200 };

static char view[64];
static char elsewhere[80];

/* The exit status, or minus the signal, of `attempt` in a confined child. */
static int confined(enum confine_process id, int (*attempt)(void))
{
	pid_t child = fork();
	if (child == 0) {
		struct err err;
		if (getuid() == 0 &&
		    (setgroups(0, NULL) != 0 || setgid(USER) != 0 || setuid(USER) != 0))
			_exit(NOT_CONFINED);
		int view_fd = id == CONFINE_WORKLOAD ? open(view, O_PATH | O_CLOEXEC) : -1;
		if (!confine_self(id, view_fd, &err)) {
			fprintf(stderr, "confine_self: %s\n", err.text);
			_exit(NOT_CONFINED);
		}
		_exit(attempt());
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int connect_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return errno;
	return connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? 0 : errno;
}

static int connect_view(void)
{
	return connect_unix("ingress/http.sock");
}
static int connect_elsewhere(void)
{
	return connect_unix(elsewhere);
}
static int connect_up(void)
{
	char up[100];
	snprintf(up, sizeof(up), "../../../../..%s", elsewhere);
	return connect_unix(up);
}
static int connect_symlink(void)
{
	return connect_unix("ingress/link.sock");
}
static int connect_abstract(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0capakit-confine-test"};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	return connect(fd, (struct sockaddr *)&address, sizeof(sa_family_t) + 21) == 0 ? 0 : errno;
}
static int open_file(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0 ? 0 : errno;
}
static int make_file(void)
{
	return mkdir("/ingress/made", 0700) == 0 ? 0 : errno;
}
static int run_program(void)
{
	char *argv[] = {NULL};
	return execve("/bin/true", argv, argv);
}
static int fork_child(void)
{
	return (int)syscall(SYS_fork);
}
static int trace(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}
static int new_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}
static int signal_parent(void)
{
	return kill(getppid(), 0);
}
static int executable_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED;
}
static int foreign_abi(void)
{
	return (int)syscall(0x40000000 | SYS_getpid); // x32
}
static int unknown_call(void)
{
	return syscall(1000) == -1 ? errno : 0;
}
static int make_socket(int family, int type)
{
	return socket(family, type, 0) >= 0 ? 0 : errno;
}
static int tcp_socket(void)
{
	return make_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
}
static int udp6_socket(void)
{
	return make_socket(AF_INET6, SOCK_DGRAM);
}
static int raw_socket(void)
{
	return make_socket(AF_INET, SOCK_RAW);
}
static int unix_socket(void)
{
	return make_socket(AF_UNIX, SOCK_STREAM);
}
static int unix_dgram(void)
{
	return make_socket(AF_UNIX, SOCK_DGRAM);
}
static int netlink_socket(void)
{
	return make_socket(AF_NETLINK, SOCK_RAW);
}
static int vsock_socket(void)
{
	return make_socket(AF_VSOCK, SOCK_STREAM);
}
static int packet_socket(void)
{
	return make_socket(AF_PACKET, SOCK_RAW);
}
static int abort_self(void)
{
	abort();
}
static int use_memory(void)
{
	uint8_t *large = xmalloc(8 << 20);
	memset(large, 1, 8 << 20);
	large = xreallocarray(large, 2, 8 << 20);
	int sum = large[1] - 1;
	free(large);
	return sum;
}

static void only_the_view_can_be_reached(void **state)
{
	(void)state;
	assert_int_equal(confined(CONFINE_WORKLOAD, connect_view), 0);
	assert_int_equal(confined(CONFINE_WORKLOAD, connect_elsewhere), ENOENT);
	assert_int_equal(confined(CONFINE_WORKLOAD, connect_up), ENOENT);
	assert_int_equal(confined(CONFINE_WORKLOAD, connect_symlink), ELOOP);
	int result = confined(CONFINE_WORKLOAD, connect_abstract);
	assert_true(result == ECONNREFUSED || result == EPERM);
}

static void there_are_no_files(void **state)
{
	(void)state;
	for (int id = CONFINE_WORKLOAD; id <= CONFINE_OUTSIDE; id++) {
		assert_int_equal(confined(id, open_file), ENOENT);
		assert_int_equal(confined(id, make_file), ENOSYS);
		assert_int_equal(confined(id, unknown_call), ENOSYS);
		assert_int_equal(confined(id, use_memory), 0);
		assert_int_equal(confined(id, abort_self), -SIGABRT);
	}
}

static void hostile_calls_kill(void **state)
{
	(void)state;
	int (*const attempts[])(void) = {
		run_program,	   fork_child,	trace,		new_namespace, signal_parent,
		executable_memory, foreign_abi, netlink_socket, vsock_socket,  packet_socket};
	for (int id = CONFINE_WORKLOAD; id <= CONFINE_OUTSIDE; id++)
		for (size_t i = 0; i < array_len(attempts); i++)
			assert_int_equal(confined(id, attempts[i]), KILLED);
}

static void each_role_has_its_sockets(void **state)
{
	(void)state;
	assert_int_equal(confined(CONFINE_WORKLOAD, unix_socket), 0);
	assert_int_equal(confined(CONFINE_WORKLOAD, unix_dgram), ENOSYS);
	assert_int_equal(confined(CONFINE_WORKLOAD, tcp_socket), KILLED);
	assert_int_equal(confined(CONFINE_EDGE, unix_socket), KILLED);
	assert_int_equal(confined(CONFINE_EDGE, tcp_socket), KILLED);
	assert_int_equal(confined(CONFINE_EGRESS, tcp_socket), 0);
	assert_int_equal(confined(CONFINE_EGRESS, udp6_socket), 0);
	assert_int_equal(confined(CONFINE_EGRESS, raw_socket), ENOSYS);
	assert_int_equal(confined(CONFINE_EGRESS, unix_socket), KILLED);
}

/* What a confined process is in, seen from outside while it waits. */
static void look_at(pid_t child, const char *name, char *text, size_t size)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", child, name);
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, text, size - 1);
	text[len < 0 ? 0 : len] = '\0';
}

static void nothing_is_left_to_it(void **state)
{
	(void)state;
	int ready[2];
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid_t child = fork();
	if (child == 0) {
		struct err err;
		int view_fd = open(view, O_PATH | O_CLOEXEC);
		bool ok = getuid() != 0 || (setgid(USER) == 0 && setuid(USER) == 0);
		ok = ok && confine_self(CONFINE_WORKLOAD, view_fd, &err);
		ok = ok && write(ready[1], "x", 1) == 1;
		while (ok)
			poll(NULL, 0, 10000);
		_exit(NOT_CONFINED);
	}
	char byte;
	assert_int_equal(read(ready[0], &byte, 1), 1);
	char status[8192], dumpable[64];
	look_at(child, "status", status, sizeof(status));
	look_at(child, "environ", dumpable, sizeof(dumpable));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	assert_non_null(strstr(status, "\nCapPrm:\t0000000000000000\n"));
	assert_non_null(strstr(status, "\nCapEff:\t0000000000000000\n"));
	assert_non_null(strstr(status, "\nCapBnd:\t0000000000000000\n"));
	assert_non_null(strstr(status, "\nCapAmb:\t0000000000000000\n"));
	assert_non_null(strstr(status, "\nNoNewPrivs:\t1\n"));
	assert_non_null(strstr(status, "\nSeccomp:\t2\n"));
	if (getuid() != 0)
		assert_string_equal(dumpable, ""); // not dumpable: unreadable for its own user
}

static void root_is_refused(void **state)
{
	(void)state;
	if (getuid() != 0)
		return;
	struct err err;
	assert_false(confine_self(CONFINE_EDGE, -1, &err));
	assert_int_equal(err.code, ERR_DENIED);
}

static int listener(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(chmod(path, 0777), 0);
	assert_int_equal(listen(fd, 100), 0);
	return fd;
}

static int set_up(void **state)
{
	(void)state;
	snprintf(view, sizeof(view), "/tmp/capakit-confine-XXXXXX");
	assert_non_null(mkdtemp(view));
	assert_int_equal(chmod(view, 0755), 0);
	char path[96];
	snprintf(path, sizeof(path), "%s/ingress", view);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/ingress/http.sock", view);
	listener(path);
	snprintf(path, sizeof(path), "%s/ingress/link.sock", view);
	assert_int_equal(symlink("http.sock", path), 0);
	snprintf(elsewhere, sizeof(elsewhere), "%s.sock", view);
	listener(elsewhere);
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0capakit-confine-test"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t) + 21);
	return listen(fd, 10);
}

static int tear_down(void **state)
{
	(void)state;
	struct err err;
	unlink(elsewhere);
	auto_fd int tmp = open("/tmp", O_PATH | O_CLOEXEC);
	return path_remove_tree(tmp, view + strlen("/tmp/"), &err) ? 0 : 1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_view_can_be_reached),
		cmocka_unit_test(there_are_no_files),
		cmocka_unit_test(hostile_calls_kill),
		cmocka_unit_test(each_role_has_its_sockets),
		cmocka_unit_test(nothing_is_left_to_it),
		cmocka_unit_test(root_is_refused),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
