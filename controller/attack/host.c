// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Attacks at what belongs to the host: its files, sockets, processes and IPC. The victim (victim.c)
 * has put everything in place; reached is an aim when its secret, or its greeting, comes back.
 */
#include "controller/attack/attack.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/num.h"

/* -1 is nobody's number. */
static pid_t number(const char *text)
{
	uint64_t value;

	return num_parse_u64(text, strlen(text), INT32_MAX, &value) ? (pid_t)value : -1;
}

/* ---- files */

static int read_file(int argc, char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);

	return outcome(argv[0], fd < 0 ? -1 : find_secret(fd));
}

static int write_file(int argc, char **argv)
{
	int fd = open(argv[0], O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);

	return outcome(argv[0], fd < 0 ? -1 : write(fd, "attack\n", 7));
}

static int remove_file(int argc, char **argv)
{
	return outcome(argv[0], unlink(argv[0]));
}

/* A folder that tells what is in it. */
static int list_folder(int argc, char **argv)
{
	DIR *folder = opendir(argv[0]);
	bool tells = folder && readdir(folder);
	int errnum = errno;

	if (folder)
		closedir(folder);
	errno = errnum;
	return outcome(argv[0], tells ? 0 : -1);
}

/* Opens for writing and writes nothing; a cover or a file of the same name shows nothing. */
static int kernel_file(int argc, char **argv)
{
	const long kernels[] = {0x9fa0, 0x62656572, 0x27e0eb, 0x63677270}; // proc sysfs cgroup 1 2
	struct statfs fs = {0};
	int fd = open(argv[0], O_WRONLY | O_CLOEXEC);

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return outcome(argv[0], -1);
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++)
		if (fs.f_type == kernels[i])
			return outcome(argv[0], 0);
	errno = ENOENT;
	return outcome(argv[0], -1);
}

/* A file of the kernel that tells anything at all. */
static int kernel_tells(int argc, char **argv)
{
	char byte;
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);

	errno = fd < 0 ? errno : ENODATA;
	return outcome(argv[0], fd >= 0 && read(fd, &byte, 1) == 1 ? 0 : -1);
}

static int open_device(int argc, char **argv)
{
	return outcome(argv[0], open(argv[0], O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
}

/* A symlink that another process turns to and fro between a file of ours and the kernel's. */
static int swapped_link(int argc, char **argv)
{
	struct statfs fs;
	pid_t swapper = fork();
	bool through = false;

	if (swapper == 0) {
		for (;;) {
			unlink("/tmp/next");
			if (symlink("/tmp/mine", "/tmp/next") == 0)
				rename("/tmp/next", "/tmp/link");
			if (symlink(argv[0], "/tmp/next") == 0)
				rename("/tmp/next", "/tmp/link");
		}
	}
	close(open("/tmp/mine", O_CREAT | O_WRONLY, 0600));
	for (int i = 0; i < 5000 && !through; i++) {
		int fd = open("/tmp/link", O_WRONLY | O_CLOEXEC);
		through = fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == 0x9fa0;
		close(fd);
	}
	kill(swapper, SIGKILL);
	waitpid(swapper, NULL, 0);
	unlink("/tmp/mine");
	unlink("/tmp/link");
	unlink("/tmp/next");
	errno = EACCES;
	return outcome("a kernel's file through a swapped symlink", through ? 0 : -1);
}

/* Another sandbox from inside, with the policy that a person would give it: LAUNCHER POLICY. */
static int nested(int argc, char **argv)
{
	char said[16] = {0};
	int pipes[2];

	if (pipe(pipes) < 0)
		return 2;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(pipes[1], 1);
		execl(argv[0], argv[0], "--policy", argv[1], (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	ssize_t len = read(pipes[0], said, sizeof(said) - 1);
	waitpid(pid, NULL, 0);
	errno = EPERM;
	return outcome("a sandbox of its own inside",
		       len > 0 && strcmp(said, "RAN\n") == 0 ? 0 : -1);
}

/* A handle of the program that made the sandbox, which could be written to when it has ended. */
static int launcher(int argc, char **argv)
{
	return outcome("the program of process 1 (/proc/1/exe)",
		       open("/proc/1/exe", O_RDONLY | O_CLOEXEC));
}

/* ---- sockets */

/* -1 and errno, or 0 when the victim greets. */
static int greeted(const struct sockaddr *address, socklen_t len)
{
	char greeting[4] = {0};
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, address, len) < 0)
		return -1;
	ssize_t got = read(fd, greeting, sizeof(greeting));
	errno = EPROTO;
	return got == sizeof(greeting) && memcmp(greeting, "host", sizeof(greeting)) == 0 ? 0 : -1;
}

static struct sockaddr_un unix_address(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return address;
}

static int unix_socket(int argc, char **argv)
{
	struct sockaddr_un address = unix_address(argv[0]);

	return outcome(argv[0], greeted((struct sockaddr *)&address, sizeof(address)));
}

/* Whoever listens there: nothing is said to it. */
static int connect_socket(int argc, char **argv)
{
	struct sockaddr_un address = unix_address(argv[0]);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return outcome(argv[0],
		       fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, sizeof(address)));
}

static int abstract_socket(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(argv[0]);

	memcpy(address.sun_path + 1, argv[0], len);
	return outcome("an abstract socket of the host",
		       greeted((struct sockaddr *)&address,
			       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len)));
}

static int tcp(int argc, char **argv)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)number(argv[0])),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	return outcome("a server on the host's 127.0.0.1",
		       greeted((struct sockaddr *)&address, sizeof(address)));
}

/* An accomplice outside hands over a folder of the host through a socket that both may use. */
static int passed_folder(int argc, char **argv)
{
	struct sockaddr_un address = unix_address(argv[0]);
	char text[16];
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec vector = {text, sizeof(text)};
	struct msghdr message = {.msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), folder;

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    recvmsg(fd, &message, 0) < 0 || !CMSG_FIRSTHDR(&message))
		return outcome("a folder that an accomplice passes in", -1);
	memcpy(&folder, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	int file = openat(folder, "secret", O_RDONLY | O_CLOEXEC);
	return outcome("a folder that an accomplice passes in", file < 0 ? -1 : find_secret(file));
}

/* ---- processes: the victim's id, and what else is needed */

static int send_signal(int argc, char **argv)
{
	return outcome("a signal to a process outside", kill(number(argv[0]), SIGUSR1));
}

static int trace(int argc, char **argv)
{
	long result = ptrace(PTRACE_SEIZE, number(argv[0]), NULL, NULL);

	return outcome("tracing a process outside", result);
}

static int read_memory(int argc, char **argv)
{
	char text[64] = {0};
	struct iovec here = {text, sizeof(text) - 1};
	uint64_t address = 0;
	num_parse_hex(argv[1], strlen(argv[1]), UINT64_MAX, &address);
	struct iovec there = {(void *)(uintptr_t)address, sizeof(text) - 1};
	ssize_t len = process_vm_readv(number(argv[0]), &here, 1, &there, 1, 0);

	errno = len >= 0 ? ENODATA : errno;
	return outcome("the memory of a process outside",
		       len > 0 && strstr(text, ATTACK_SECRET) ? 0 : -1);
}

static int take_descriptor(int argc, char **argv)
{
	long process = syscall(SYS_pidfd_open, number(argv[0]), 0);
	long fd = process < 0 ? -1 : syscall(SYS_pidfd_getfd, process, number(argv[1]), 0);

	return outcome("a descriptor of a process outside", fd < 0 ? -1 : find_secret((int)fd));
}

static int see_limits(int argc, char **argv)
{
	struct rlimit limit;

	return outcome("the limits of a process outside",
		       prlimit(number(argv[0]), RLIMIT_NOFILE, NULL, &limit));
}

/* Inside alone: a process of one's own under a debugger could be made to do what it may not. */
static int trace_own(int argc, char **argv)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	long result = ptrace(PTRACE_SEIZE, pid, NULL, NULL);
	int errnum = errno;
	kill(pid, SIGKILL);
	errno = errnum;
	return outcome("tracing a process of one's own", result);
}

/* ---- IPC and names */

static int shared_memory(int argc, char **argv)
{
	int id = shmget((key_t)number(argv[0]), 0, 0);
	const char *text = id < 0 ? (char *)-1 : shmat(id, NULL, SHM_RDONLY);

	if ((intptr_t)text == -1)
		return outcome("shared memory of the host (System V)", -1);
	errno = ENODATA;
	return outcome("shared memory of the host (System V)",
		       strstr(text, ATTACK_SECRET) ? 0 : -1);
}

static int message_queue(int argc, char **argv)
{
	return outcome("a message queue of the host (POSIX)", mq_open(argv[0], O_RDONLY));
}

static int knows_host(int argc, char **argv)
{
	char name[65] = {0};

	gethostname(name, sizeof(name) - 1);
	errno = ENODATA;
	return outcome("the host's name", strcmp(name, argv[0]) == 0 ? 0 : -1);
}

/* An interface of which /proc/net/dev tells, and no loopback. */
static int listed_interfaces(int argc, char **argv)
{
	FILE *file = fopen("/proc/net/dev", "re");
	char line[4096];
	bool through = false;

	while (file && fgets(line, sizeof(line), file))
		through = through || (strchr(line, ':') && !strstr(line, " lo:"));
	if (file)
		fclose(file);
	errno = ENODEV;
	return outcome("the host's interfaces (/proc/net/dev)", through ? 0 : -1);
}

/* A line of /proc/self/cgroup that ends otherwise than in ":/". */
static int knows_cgroup(int argc, char **argv)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[4096];
	bool through = false;

	while (file && fgets(line, sizeof(line), file))
		through = through || strcmp(strrchr(line, ':'), ":/\n") != 0;
	errno = ENODATA;
	return outcome("where the host keeps this process (cgroup)", through ? 0 : -1);
}

const struct attack attacks_on_host[] = {
	{"read", 1, read_file},
	{"write", 1, write_file},
	{"remove", 1, remove_file},
	{"list", 1, list_folder},
	{"kernel-file", 1, kernel_file},
	{"kernel-tells", 1, kernel_tells},
	{"device-file", 1, open_device},
	{"swapped-link", 1, swapped_link},
	{"nested", 2, nested},
	{"launcher", 0, launcher},
	{"unix", 1, unix_socket},
	{"connect", 1, connect_socket},
	{"abstract", 1, abstract_socket},
	{"tcp", 1, tcp},
	{"passed-folder", 1, passed_folder},
	{"signal", 1, send_signal},
	{"trace", 1, trace},
	{"memory", 2, read_memory},
	{"descriptor", 2, take_descriptor},
	{"process-limits", 1, see_limits},
	{"trace-own", 0, trace_own},
	{"shared-memory", 1, shared_memory},
	{"message-queue", 1, message_queue},
	{"host-known", 1, knows_host},
	{"listed-interfaces", 0, listed_interfaces},
	{"cgroup-known", 0, knows_cgroup},
	{NULL, 0, NULL},
};
