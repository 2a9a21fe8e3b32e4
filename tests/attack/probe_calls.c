// SPDX-License-Identifier: GPL-3.0-or-later
/* Attacks by system calls: terminals, sockets, the kernel's machinery, namespaces, other ABIs. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <unistd.h>

#define JUNK 0x5a5a5a5a00000000UL // in the bits that the kernel ignores

/* Types into the terminal on standard input, also with junk beside the request. */
static int terminal(int argc, char **argv)
{
	const unsigned long requests[] = {TIOCSTI, TIOCLINUX, TIOCSETD, TIOCCONS};
	char byte = 'x';

	if (!isatty(0)) {
		printf("UNEXPECTED standard input is no terminal\n");
		return 1;
	}
	for (size_t i = 0; i < 4; i++) {
		held("ioctl", syscall(SYS_ioctl, 0, requests[i], &byte), ERRORS(EPERM));
		held("ioctl with junk", syscall(SYS_ioctl, 0, requests[i] | JUNK, &byte),
		     ERRORS(EPERM));
	}
	return verdict();
}

static bool is_allowed(int family, int type, int protocol, bool inet)
{
	if (family == AF_UNIX)
		return true;
	return inet && (family == AF_INET || family == AF_INET6) &&
	       ((type == SOCK_STREAM && (protocol == 0 || protocol == IPPROTO_TCP)) ||
		(type == SOCK_DGRAM && (protocol == 0 || protocol == IPPROTO_UDP)));
}

static void try_socket(long family, int type, int protocol)
{
	char what[80];

	snprintf(what, sizeof(what), "socket(%#lx, %d, %d)", family, type, protocol);
	held(what, syscall(SYS_socket, family, type, protocol),
	     ERRORS(EAFNOSUPPORT, EPROTONOSUPPORT, EPERM, EACCES, ESOCKTNOSUPPORT));
}

/* Every family, type and the protocols that load modules; `inet`: TCP and UDP are allowed. */
static int sockets(int argc, char **argv)
{
	const int protocols[] = {0,   IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, 33, IPPROTO_SCTP,
				 136, 255,	    262};
	bool inet = argc > 0 && strcmp(argv[0], "inet") == 0;

	for (int family = 0; family < 64; family++)
		for (int type = 1; type <= 10; type++)
			for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
				if (!is_allowed(family, type, protocols[i], inet))
					try_socket(family, type, protocols[i]);
	try_socket((long)(JUNK | AF_NETLINK), SOCK_RAW, 0);
	try_socket((long)(JUNK | AF_PACKET), SOCK_RAW, 0);
	if (!inet)
		try_socket((long)(JUNK | AF_INET), SOCK_STREAM, 0);
	if (socket(AF_UNIX, SOCK_STREAM, 0) < 0 || (inet && socket(AF_INET, SOCK_STREAM, 0) < 0) ||
	    (inet && socket(AF_INET6, SOCK_DGRAM, 0) < 0)) {
		printf("UNEXPECTED an ordinary socket is refused: %s\n", strerror(errno));
		return 1;
	}
	return verdict();
}

struct call {
	const char *name;
	long number;
};

/* Arguments are zero: what is allowed would fail with EINVAL, EFAULT or EBADF, or not at all. */
static void try_calls(const struct call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		held(calls[i].name, syscall(calls[i].number, 0, 0, 0, 0, 0, 0),
		     ERRORS(EPERM, ENOSYS));
}
#define CALL(name)                                                                                 \
	{                                                                                          \
#name, SYS_##name                                                                  \
	}

static int machinery(int argc, char **argv)
{
	const struct call calls[] = {
		CALL(io_uring_setup),
		CALL(io_uring_enter),
		CALL(io_uring_register),
		CALL(userfaultfd),
		CALL(bpf),
		CALL(perf_event_open),
		CALL(keyctl),
		CALL(add_key),
		CALL(request_key),
		CALL(kexec_load),
		CALL(kexec_file_load),
		CALL(ptrace),
		CALL(process_vm_readv),
		CALL(process_vm_writev),
		CALL(pidfd_getfd),
		CALL(kcmp),
		CALL(init_module),
		CALL(finit_module),
		CALL(delete_module),
		CALL(open_by_handle_at),
		CALL(name_to_handle_at),
		CALL(swapon),
		CALL(swapoff),
		CALL(reboot),
		CALL(quotactl),
		CALL(acct),
		CALL(settimeofday),
		CALL(clock_settime),
		CALL(adjtimex),
		CALL(sethostname),
		CALL(setdomainname),
		CALL(syslog),
		CALL(vhangup),
		CALL(fanotify_init),
		CALL(move_pages),
		CALL(migrate_pages),
		CALL(process_madvise),
		CALL(memfd_secret),
		CALL(seccomp),
		CALL(lookup_dcookie),
#ifdef __x86_64__
		CALL(iopl),
		CALL(ioperm),
		CALL(modify_ldt),
		CALL(uselib),
		CALL(ustat),
		CALL(sysfs),
#endif
	};

	try_calls(calls, sizeof(calls) / sizeof(calls[0]));
	held("personality(ADDR_NO_RANDOMIZE)", syscall(SYS_personality, 0x0040000),
	     ERRORS(EPERM, ENOSYS));
	held("an unknown call", syscall(5000), ERRORS(ENOSYS));
	return verdict();
}

static void try_clone(const char *what, unsigned long flags)
{
	long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	held(what, pid, ERRORS(EPERM));
}

static int namespaces(int argc, char **argv)
{
	const struct call calls[] = {
		CALL(mount),	 CALL(umount2),	   CALL(pivot_root),	CALL(chroot),
		CALL(fsopen),	 CALL(fsconfig),   CALL(fsmount),	CALL(fspick),
		CALL(open_tree), CALL(move_mount), CALL(mount_setattr), CALL(setns),
		CALL(unshare),	 CALL(clone3),
	};
	const unsigned long flags[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWNET,
				       CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};

	try_calls(calls, sizeof(calls) / sizeof(calls[0]));
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		held("unshare", unshare((int)flags[i]), ERRORS(EPERM));
		try_clone("clone", flags[i]);
		try_clone("clone with user namespace", flags[i] | CLONE_NEWUSER);
		try_clone("clone with junk", flags[i] | JUNK);
	}
	held("umount of /proc", umount2("/proc", MNT_DETACH), ERRORS(EPERM));
	held("mount over /etc", mount("/tmp", "/etc", NULL, MS_BIND, NULL), ERRORS(EPERM));
	return verdict();
}

#ifdef __x86_64__
static long int80(long number)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static void expect_death(const char *what, bool x32)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (x32)
			syscall(0x40000000L | SYS_getpid);
		else
			int80(20); // getpid of i386
		_exit(0);
	}
	waitpid(pid, &status, 0);
	errno = ENOSYS;
	held(what, WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? -1 : 0, ERRORS(ENOSYS));
}

static int foreign_abi(int argc, char **argv)
{
	expect_death("int 0x80", false);
	expect_death("x32", true);
	return verdict();
}
#else
static int foreign_abi(int argc, char **argv)
{
	return 0; // this machine's programs have one ABI
}
#endif

/* A set-id file in a folder of the host would run as its owner for whoever starts it. */
static int setid(int argc, char **argv)
{
	const char *path = argv[0];

	unlink(path);
	held("open with a set-uid mode", open(path, O_CREAT | O_WRONLY, 04755), ERRORS(EPERM));
	held("open with a set-gid mode", open(path, O_CREAT | O_WRONLY, 02755), ERRORS(EPERM));
	int fd = open(path, O_CREAT | O_WRONLY, 0755);
	if (fd < 0) {
		printf("UNEXPECTED making a file: %s\n", strerror(errno));
		return 1;
	}
	held("fchmod", fchmod(fd, 04755), ERRORS(EPERM));
	held("chmod", chmod(path, 02755), ERRORS(EPERM));
	held("fchmodat", fchmodat(AT_FDCWD, path, 06755, 0), ERRORS(EPERM));
	held("chmod with junk", syscall(SYS_chmod, path, JUNK | 04755), ERRORS(EPERM));
	held("fchmodat2", syscall(452, AT_FDCWD, path, 04755, 0), ERRORS(EPERM, ENOSYS));
	held("creat", creat(path, 04755), ERRORS(EPERM));
	held("mknod", mknod("/tmp/node", S_IFREG | 04755, 0), ERRORS(EPERM));
	held("a device", mknod("/tmp/device", S_IFCHR | 0666, 0x103), ERRORS(EPERM, EACCES));
	held("openat2", syscall(SYS_openat2, AT_FDCWD, path, NULL, 0), ERRORS(EPERM, ENOSYS));
	return chmod(path, 0700) == 0 ? verdict() : 1;
}

static struct sockaddr_un abstract_address(const char *name, socklen_t *len)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "%s", name);
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
	return address;
}

/* Outside: listens on an abstract name, says so, and stays until standard input ends. */
static int abstract_listen(int argc, char **argv)
{
	socklen_t len;
	struct sockaddr_un address = abstract_address(argv[0], &len);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char byte;

	if (bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, 8) < 0)
		return 1;
	puts("listening");
	return read(0, &byte, 1) < 0;
}

static int abstract_connect(int argc, char **argv)
{
	socklen_t len;
	struct sockaddr_un address = abstract_address(argv[0], &len);

	held("connecting to an abstract socket of the host",
	     connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, len),
	     ERRORS(ECONNREFUSED, EPERM));
	return verdict();
}

static int path_connect(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[0]);
	held("connecting to a socket of the host",
	     connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof(address)),
	     ERRORS(ENOENT, EACCES));
	return verdict();
}

/* Signals to everything this process can name. */
static int signals(int argc, char **argv)
{
	kill(1, SIGKILL);
	kill(1, SIGSTOP);
	held("SIGKILL to a process outside", kill(-9999, SIGKILL), ERRORS(ESRCH, EPERM));
	return verdict();
}

/* A call by its name, with nothing for arguments: reached when the kernel, and no filter, answers.
 */
static int by_name(int argc, char **argv)
{
	int number = seccomp_syscall_resolve_name(argv[0]);
	long result = syscall(number, 0, 0, 0, 0, 0, 0);
	bool answered = result >= 0 || (errno != ENOSYS && errno != EPERM);

	return outcome(argv[0], answered ? 0 : -1);
}

const struct probe probes_of_calls[] = {
	{"terminal", terminal},
	{"sockets", sockets},
	{"machinery", machinery},
	{"namespaces", namespaces},
	{"foreign-abi", foreign_abi},
	{"setid", setid},
	{"abstract-listen", abstract_listen},
	{"abstract-connect", abstract_connect},
	{"path-connect", path_connect},
	{"signals", signals},
	{"call", by_name},
	{NULL, NULL},
};
