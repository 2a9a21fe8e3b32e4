// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The controller's and the janitor's rows, by trying: each attempt once free, where it has to work
 * (else it shows nothing), and once confined. The keeper's and the sidecar's rows are tried by
 * tests/unit/secrets/keeper_confine_test.c and tests/unit/sidecar/confine_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "confine/restrict.h"

enum { NOT_CONFINED = 200, KILLED = -SIGSYS };

static char base[] = "/tmp/capakit-restrict-XXXXXX";
static int base_fd;

static bool confine_controller(void)
{
	struct err err;
	return confine_restrict_controller(false, &err);
}

static bool confine_debugging_controller(void)
{
	struct err err;
	return confine_restrict_controller(true, &err);
}

static bool confine_janitor(void)
{
	struct err err;
	const struct confine_place places[] = {
		{0, openat(base_fd, "own", O_PATH | O_CLOEXEC)},
		{1, base_fd},
	};
	return places[0].fd >= 0 && confine_restrict(CONFINE_JANITOR, places, 2, &err);
}

static bool confine_not(void)
{
	return true;
}

/* What it returned (0, or why not), or minus the signal that ended it. */
static int attempt(bool (*confine)(void), int (*act)(void))
{
	pid_t child = fork();
	if (child == 0)
		_exit(confine() ? act() : NOT_CONFINED);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int result(long value)
{
	return value >= 0 ? 0 : errno;
}

static int open_here(const char *name, int flags)
{
	return result(openat(base_fd, name, flags | O_CLOEXEC, 0600));
}

static int trace(void)
{
	return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}
static int read_memory(void)
{
	char byte, copy = 0;
	struct iovec here = {&copy, 1}, there = {&byte, 1};
	return result(syscall(SYS_process_vm_readv, getpid(), &here, 1, &there, 1, 0));
}
static int use_keyring(void)
{
	return result(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1));
}
static int packet_socket(void)
{
	return result(socket(AF_VSOCK, SOCK_STREAM, 0));
}
static int unix_socket(void)
{
	return result(socket(AF_UNIX, SOCK_STREAM, 0));
}
static int inet_socket(void)
{
	return result(socket(AF_INET, SOCK_STREAM, 0));
}
static int netlink_socket(void)
{
	return result(socket(AF_NETLINK, SOCK_RAW, 0));
}
static int run_program(void)
{
	char *argv[] = {(char[]){"true"}, NULL}, *environment[] = {NULL};
	execve("/bin/true", argv, environment);
	return errno;
}
static int fork_process(void)
{
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (child == 0)
		_exit(0);
	return result(child < 0 ? -1 : waitpid(child, NULL, 0));
}
static int new_namespaces(void)
{
	return result(unshare(CLONE_NEWUSER | CLONE_NEWNS));
}
static int signal_parent(void)
{
	return result(kill(getppid(), 0));
}
static int executable_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
			       MAP_FAILED
		       ? 0
		       : errno;
}
static int be_dumped(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_CORE, &limit) < 0 || limit.rlim_max > 0)
		return 0;
	return EPERM;
}
static int read_passwd(void)
{
	return open_here("/etc/passwd", O_RDONLY);
}
static int list_beside(void)
{
	return open_here("beside", O_RDONLY | O_DIRECTORY);
}
static int list_own(void)
{
	return open_here("own", O_RDONLY | O_DIRECTORY);
}
static int write_own(void)
{
	return open_here("own/file", O_WRONLY);
}
static int make_own(void)
{
	return open_here("own/new", O_WRONLY | O_CREAT);
}
static int remove_beside(void)
{
	return result(unlinkat(base_fd, "beside/file", 0));
}
static int remove_own(void)
{
	struct err err;
	return path_remove_tree(base_fd, "own", &err) ? 0 : EACCES;
}

static void is_lost(bool (*confine)(void), int (*act)(void), int expected)
{
	assert_int_equal(attempt(confine_not, act), 0);
	assert_int_equal(attempt(confine, act), expected);
}

static void the_controller_leaves_others_and_the_kernel_alone(void **unused)
{
	is_lost(confine_controller, trace, EPERM);
	is_lost(confine_controller, read_memory, EPERM);
	is_lost(confine_controller, use_keyring, EPERM);
	assert_int_equal(attempt(confine_controller, packet_socket), EAFNOSUPPORT);
	assert_int_equal(attempt(confine_controller, be_dumped), EPERM);
}

static void the_controller_starts_what_needs_more(void **unused)
{
	int (*const acts[])(void) = {run_program, fork_process,	  new_namespaces,   unix_socket,
				     inet_socket, netlink_socket, executable_memory};
	for (size_t i = 0; i < array_len(acts); i++)
		assert_int_equal(attempt(confine_controller, acts[i]),
				 attempt(confine_not, acts[i]));
	assert_int_equal(attempt(confine_debugging_controller, trace), 0);
	assert_int_equal(attempt(confine_debugging_controller, use_keyring), EPERM);
}

static void the_janitor_cannot_do_anything_else(void **unused)
{
	int (*const deadly[])(void) = {trace,	      read_memory,	use_keyring,
				       run_program,   fork_process,	new_namespaces,
				       unix_socket,   inet_socket,	netlink_socket,
				       signal_parent, executable_memory};
	for (size_t i = 0; i < array_len(deadly); i++)
		assert_int_equal(attempt(confine_janitor, deadly[i]), KILLED);
	is_lost(confine_janitor, read_passwd, EACCES);
	is_lost(confine_janitor, list_beside, EACCES);
	is_lost(confine_janitor, write_own, EACCES);
	is_lost(confine_janitor, make_own, EACCES);
	assert_int_equal(attempt(confine_janitor, remove_beside), EACCES);
	assert_int_equal(attempt(confine_janitor, list_own), 0);
}

/* With a folder that is closed to its owner, and one so deep that it is moved up. */
static void the_janitor_removes_what_is_its_own(void **unused)
{
	auto_fd int dir = openat(base_fd, "own", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(dir, "closed", 0), 0);
	for (int i = 0; i < 80; i++) {
		assert_int_equal(mkdirat(dir, "d", 0700), 0);
		int next = openat(dir, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		fd_close(&dir);
		dir = next;
	}
	assert_int_equal(attempt(confine_janitor, remove_own), 0);
	assert_int_equal(faccessat(base_fd, "own", F_OK, 0), -1);
}

static int set_up(void **unused)
{
	if (!mkdtemp(base))
		return -1;
	base_fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return mkdirat(base_fd, "own", 0700) | mkdirat(base_fd, "beside", 0700) |
	       open_here("own/file", O_WRONLY | O_CREAT) |
	       open_here("beside/file", O_WRONLY | O_CREAT);
}

static int tear_down(void **unused)
{
	struct err err;
	auto_fd int tmp = open("/tmp", O_PATH | O_CLOEXEC);
	return path_remove_tree(tmp, base + strlen("/tmp/"), &err) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_controller_leaves_others_and_the_kernel_alone),
		cmocka_unit_test(the_controller_starts_what_needs_more),
		cmocka_unit_test(the_janitor_cannot_do_anything_else),
		cmocka_unit_test(the_janitor_removes_what_is_its_own),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
