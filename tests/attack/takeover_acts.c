// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One function for each thing that the table of our own processes forbids (confine/table.h). They
 * are linked into copies of the programs (takeover.c), and into a program that is not confined,
 * which shows that they work where nothing holds them.
 */
#include "tests/attack/takeover_acts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define HERE "/tmp/capakit-takeover-%d"

__attribute__((format(printf, 2, 3))) static long open_name(int flags, const char *format, ...)
{
	char name[64];
	va_list with;
	va_start(with, format);
	vsnprintf(name, sizeof(name), format, with);
	va_end(with);
	return open(name, flags | O_CLOEXEC, 0600);
}

/* ---- files ---- */

static long read_file(int with)
{
	return open_name(O_RDONLY, "/etc/passwd");
}
static long list_folder(int with)
{
	return open_name(O_RDONLY | O_DIRECTORY, "/etc");
}
static long make_file(int with)
{
	return open_name(O_WRONLY | O_CREAT, HERE "/made", with);
}
static long remove_file(int with)
{
	char name[64];
	snprintf(name, sizeof(name), HERE "/victim", with);
	return unlinkat(AT_FDCWD, name, 0);
}

/* ---- programs and processes ---- */

static long execute(int with)
{
	char *argv[] = {(char[]){"true"}, NULL}, *environment[] = {NULL};
	return execve("/bin/true", argv, environment);
}
static long fork_process(int with)
{
	long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (child == 0)
		_exit(0);
	return child;
}
static long read_memory(int with)
{
	return open_name(O_RDONLY, "/proc/%d/mem", with);
}
static long write_memory(int with)
{
	return open_name(O_RDWR, "/proc/%d/mem", with);
}
static long read_environment(int with)
{
	return open_name(O_RDONLY, "/proc/%d/environ", with);
}
static long trace(int with)
{
	return ptrace(PTRACE_SEIZE, with, NULL, NULL);
}
/* An address that is not there is looked for only by who may look. */
static long copy_memory(int with)
{
	char byte;
	struct iovec here = {&byte, 1}, there = {NULL, 1};
	long n = syscall(SYS_process_vm_readv, with, &here, 1, &there, 1, 0);
	return n < 0 && errno == EFAULT ? 0 : n;
}
static long take_descriptor(int with)
{
	int process = (int)syscall(SYS_pidfd_open, with, 0);
	return process < 0 ? -1 : syscall(SYS_pidfd_getfd, process, 2, 0);
}
static long signal_process(int with)
{
	return kill(with, 0);
}

/* ---- the kernel ---- */

static long run_memory(int with)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? -1 : 0;
}
static long user_namespace(int with)
{
	return unshare(CLONE_NEWUSER);
}
static long mount_over(int with)
{
	char name[64];
	snprintf(name, sizeof(name), HERE, with);
	return mount("none", name, "tmpfs", 0, NULL);
}
static long other_root(int with)
{
	return chroot("/");
}
static long enter_namespace(int with)
{
	int fd = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -1 : setns(fd, 0);
}
static long keyring(int with)
{
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1);
}
static long io_uring(int with)
{
	char parameters[128] = {0};
	return syscall(SYS_io_uring_setup, 1, parameters);
}

/* ---- sockets ---- */

static long unix_datagram(int with)
{
	return socket(AF_UNIX, SOCK_DGRAM, 0);
}
static long connect_unix(int with)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), HERE "/socket", with);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, sizeof(address));
}
static long inet(int with)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}
static long inet6(int with)
{
	return socket(AF_INET6, SOCK_DGRAM, 0);
}
static long raw(int with)
{
	return socket(AF_INET, SOCK_RAW, 1);
}
static long netlink(int with)
{
	return socket(AF_NETLINK, SOCK_RAW, 0);
}
static long packet(int with)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}
static long vsock(int with)
{
	return socket(AF_VSOCK, SOCK_STREAM, 0);
}
static long alg(int with)
{
	return socket(AF_ALG, SOCK_SEQPACKET, 0);
}
static long xdp(int with)
{
	return socket(AF_XDP, SOCK_RAW, 0);
}

#define QUIET false
#define DEADLY true
const struct takeover_act takeover_acts[] = {
	{"readfile", QUIET, false, read_file},
	{"listfolder", QUIET, false, list_folder},
	{"makefile", QUIET, false, make_file},
	{"removefile", QUIET, false, remove_file},
	{"readmemory", QUIET, true, read_memory},
	{"writememory", QUIET, true, write_memory},
	{"environment", QUIET, true, read_environment},
	{"exec", DEADLY, false, execute},
	{"fork", DEADLY, false, fork_process},
	{"trace", DEADLY, true, trace},
	{"copymemory", DEADLY, true, copy_memory},
	{"takedescriptor", DEADLY, true, take_descriptor},
	{"signal", DEADLY, false, signal_process},
	{"runmemory", DEADLY, false, run_memory},
	{"userns", DEADLY, false, user_namespace},
	{"mount", DEADLY, false, mount_over},
	{"chroot", DEADLY, true, other_root},
	{"setns", DEADLY, true, enter_namespace},
	{"keyring", DEADLY, true, keyring},
	{"iouring", DEADLY, true, io_uring},
	{"connect", DEADLY, false, connect_unix},
	{"datagram", DEADLY, false, unix_datagram},
	{"inet", DEADLY, false, inet},
	{"inetsix", DEADLY, false, inet6},
	{"raw", DEADLY, false, raw},
	{"netlink", DEADLY, false, netlink},
	{"packet", DEADLY, true, packet},
	{"vsock", DEADLY, true, vsock},
	{"alg", DEADLY, true, alg},
	{"xdp", DEADLY, true, xdp},
};
const size_t takeover_n_acts = sizeof(takeover_acts) / sizeof(takeover_acts[0]);

const struct takeover_act *takeover_find(const char *name, size_t len)
{
	for (size_t i = 0; i < takeover_n_acts; i++)
		if (strlen(takeover_acts[i].name) == len &&
		    memcmp(takeover_acts[i].name, name, len) == 0)
			return &takeover_acts[i];
	return NULL;
}

static void say(const char *who, const char *act, const char *what, const char *why)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "takeover: %s %s: %s%s\n", who, act, what, why);
	(void)!write(STDERR_FILENO, line, (size_t)n);
}

void takeover_try(const char *who, const struct takeover_act *act, int with)
{
	say(who, act->name, "begins", "");
	if (act->act(with) >= 0)
		say(who, act->name, "worked", "");
	else
		say(who, act->name, "refused ", strerrorname_np(errno));
}
