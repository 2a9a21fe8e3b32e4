// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Attacks of one step each, for layers.test: what succeeds where nothing stops it, so that it can
 * be shown which layer of the sandbox does. They do no harm to a machine on which they succeed.
 */
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define REFUSED ERRORS(EPERM, EACCES, ENOSYS, EROFS, ENOENT, ESRCH)

static char secret[] = "what the victim keeps to itself";

/*
 * Outside: a process with something to steal. Says its id and where in its memory the secret is,
 * and stays until standard input ends. Its id is the key of its shared memory too.
 */
static int victim(int argc, char **argv)
{
	int shared = shmget(getpid(), sizeof(secret), IPC_CREAT | 0666);
	char byte;

	printf("%d %llu\n", (int)getpid(), (unsigned long long)(uintptr_t)secret);
	while (read(0, &byte, 1) > 0) {
	}
	return shmctl(shared, IPC_RMID, NULL) < 0;
}

static pid_t pid_in(const char *argument)
{
	return (pid_t)atoi(argument); // of the test's own
}

/* Reads a byte, as the proof that it may: opening alone gives nothing away. */
static long read_byte(const char *path)
{
	char byte;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	ssize_t len = read(fd, &byte, 1);
	if (len == 0)
		errno = ENOENT; // covered by something empty
	return len == 1 ? 0 : -1;
}

/* ---- terminals, sockets */

static int type(int argc, char **argv)
{
	char byte = 'x';

	held("typing into the terminal", ioctl(0, TIOCSTI, &byte), ERRORS(EPERM));
	return verdict();
}

static int reach(int argc, char **argv)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(argv[0])),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	held("connecting to a port of the host",
	     fd < 0 ? fd : connect(fd, (struct sockaddr *)&address, sizeof(address)),
	     ERRORS(EAFNOSUPPORT, EACCES, ECONNREFUSED, ENETUNREACH));
	return verdict();
}

static int packets(int argc, char **argv)
{
	held("a packet socket", socket(AF_PACKET, SOCK_RAW, 0), ERRORS(EAFNOSUPPORT, EPERM));
	return verdict();
}

static int netlink(int argc, char **argv)
{
	held("a netlink socket", socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), ERRORS(EAFNOSUPPORT));
	return verdict();
}

/* ---- other processes */

static int shared_memory(int argc, char **argv)
{
	held("shared memory of the host", shmget(pid_in(argv[0]), sizeof(secret), 0), REFUSED);
	return verdict();
}

static int environment_of(int argc, char **argv)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/environ", argv[0]);
	held(path, read_byte(path), REFUSED);
	return verdict();
}

static int memory_of(int argc, char **argv)
{
	char stolen[sizeof(secret)] = "";
	uintptr_t address = (uintptr_t)strtoull(argv[1], NULL, 10);
	struct iovec here = {stolen, sizeof(stolen)};
	struct iovec there = {(void *)address, sizeof(stolen)};

	held("memory of a process",
	     process_vm_readv(pid_in(argv[0]), &here, 1, &there, 1, 0) == sizeof(stolen) &&
			     strcmp(stolen, secret) == 0
		     ? 0
		     : -1,
	     REFUSED);
	return verdict();
}

/* Seizing stops nothing, and ends with this process. */
static int trace(int argc, char **argv)
{
	held("tracing a process", ptrace(PTRACE_SEIZE, pid_in(argv[0]), NULL, NULL), REFUSED);
	return verdict();
}

static int descriptor_of(int argc, char **argv)
{
	long pidfd = syscall(SYS_pidfd_open, pid_in(argv[0]), 0);

	held("a descriptor of a process", pidfd < 0 ? pidfd : syscall(SYS_pidfd_getfd, pidfd, 0, 0),
	     REFUSED);
	return verdict();
}

static int signal_to(int argc, char **argv)
{
	held("a signal to a process", kill(pid_in(argv[0]), 0), REFUSED);
	return verdict();
}

/* ---- the kernel's machinery */

static long make_ring(void)
{
	struct io_uring_params params = {0};

	return syscall(SYS_io_uring_setup, 4, &params);
}

static long make_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 4,
		.max_entries = 1,
	};

	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

static long count_own_clock(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_TASK_CLOCK,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static long make_keyring(void)
{
	return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

static long handle_faults(void)
{
	return syscall(SYS_userfaultfd, O_CLOEXEC | 1); // UFFD_USER_MODE_ONLY: for everybody
}

static long make_file_system(void)
{
	return syscall(SYS_fsopen, "tmpfs", 0);
}

static long unshare_user(void)
{
	return unshare(CLONE_NEWUSER);
}

static long clone_user(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid;
}

static long change_root(void)
{
	return chroot("/");
}

static int machinery_step(int argc, char **argv)
{
	const struct {
		const char *name;
		long (*run)(void);
	} steps[] = {
		{"io_uring", make_ring},
		{"userfaultfd", handle_faults},
		{"bpf", make_map},
		{"perf", count_own_clock},
		{"keyctl", make_keyring},
		{"fsopen", make_file_system},
		{"unshare-user", unshare_user},
		{"clone-user", clone_user},
		{"chroot", change_root},
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(steps[i].name, argv[0]) == 0) {
			held(argv[0], steps[i].run(), ERRORS(EPERM, ENOSYS, ENOSPC));
			return verdict();
		}
	return 2;
}

/* Flags that no kernel has: with the right to do it the answer is EINVAL, and nothing happens. */
static int load_kernel(int argc, char **argv)
{
	long result = syscall(SYS_kexec_load, 0, 0, NULL, 0xffffUL);

	if (result < 0 && errno == ENOSYS)
		return 77; // built without
	held("loading a kernel", result < 0 && errno == EINVAL ? 0 : result, ERRORS(EPERM));
	return verdict();
}

static int mount_over(int argc, char **argv)
{
	held("mounting over a folder", mount("none", argv[0], "tmpfs", 0, NULL), ERRORS(EPERM));
	return verdict();
}

/* Who may not mount can still be the administrator of a new user namespace, and mount there. */
static int mount_in_own(int argc, char **argv)
{
	held("mounting in namespaces of its own",
	     unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ? -1
						      : mount("none", argv[0], "tmpfs", 0, NULL),
	     ERRORS(EPERM, ENOSPC));
	return verdict();
}

static int uncover(int argc, char **argv)
{
	held("uncovering", umount2(argv[0], MNT_DETACH), ERRORS(EPERM));
	return verdict();
}

#ifdef __x86_64__
/* Whether the call was made: its answer is this process's id. */
static int foreign(const char *what, bool x32)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		long answer;
		if (x32)
			answer = syscall(0x40000000L | SYS_getpid);
		else
			__asm__ volatile("int $0x80"
					 : "=a"(answer)
					 : "a"(20L) // getpid of i386
					 : "memory", "r8", "r9", "r10", "r11");
		_exit(answer == getpid() ? 0 : 2);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		return 77; // this kernel has no such calls
	errno = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? EPERM : EIO;
	held(what, WIFEXITED(status) ? 0 : -1, ERRORS(EPERM));
	return verdict();
}

static int abi_32(int argc, char **argv)
{
	return foreign("a call of the 32-bit ABI", false);
}

static int abi_x32(int argc, char **argv)
{
	return foreign("a call of the x32 ABI", true);
}
#else
static int abi_32(int argc, char **argv)
{
	return 77;
}

static int abi_x32(int argc, char **argv)
{
	return 77;
}
#endif

/* ---- files */

static int read_file(int argc, char **argv)
{
	held(argv[0], read_byte(argv[0]), REFUSED);
	return verdict();
}

/* Writes nothing. */
static int open_to_write(int argc, char **argv)
{
	held(argv[0], open(argv[0], O_WRONLY | O_CLOEXEC), REFUSED);
	return verdict();
}

/* The program file of process 1, held until it may be written: through a descriptor. */
static int launcher_file(int argc, char **argv)
{
	char path[32];
	int fd = open("/proc/1/exe", O_PATH);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	held("the program of process 1", fd < 0 ? fd : read_byte(path), REFUSED);
	return verdict();
}

/* A file that runs as its owner, whoever starts it. */
static int set_user_id(int argc, char **argv)
{
	int fd = open(argv[0], O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	held("making a file set-user-id", fd < 0 ? fd : fchmod(fd, 04700), ERRORS(EPERM));
	return unlink(argv[0]) == 0 ? verdict() : 2;
}

static int through_descriptors(int argc, char **argv)
{
	int through = -1;

	errno = EPERM;
	for (int fd = 3; fd < 64 && through < 0; fd++)
		through = openat(fd, "etc/passwd", O_RDONLY);
	held("a file of the host through a descriptor", through,
	     ERRORS(EBADF, EACCES, ENOTDIR, EPERM));
	return verdict();
}

static int variable(int argc, char **argv)
{
	errno = ENOENT;
	held("a variable of the host", getenv(argv[0]) ? 0 : -1, REFUSED);
	return verdict();
}

const struct probe probes_of_layers[] = {
	{"victim", victim},
	{"type", type},
	{"reach", reach},
	{"packets", packets},
	{"netlink", netlink},
	{"shared-memory", shared_memory},
	{"environment-of", environment_of},
	{"memory-of", memory_of},
	{"trace", trace},
	{"descriptor-of", descriptor_of},
	{"signal-to", signal_to},
	{"step", machinery_step},
	{"load-kernel", load_kernel},
	{"mount-over", mount_over},
	{"mount-in-own", mount_in_own},
	{"uncover", uncover},
	{"abi-32", abi_32},
	{"abi-x32", abi_x32},
	{"read-file", read_file},
	{"open-to-write", open_to_write},
	{"launcher-file", launcher_file},
	{"set-user-id", set_user_id},
	{"through-descriptors", through_descriptors},
	{"variable", variable},
	{NULL, NULL},
};
