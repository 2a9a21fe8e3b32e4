// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Attacks at the kernel. They do what they threaten and look at the effect, so that "held" is never
 * an accident; where the effect would harm the machine, they go as far as the kernel's check of the
 * right to it.
 */
#include "controller/attack/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"

#define JUNK 0x5a5a5a5a00000000UL // in the bits that the kernel ignores

/* Reached when the kernel got past its check of rights, and then did not like the arguments. */
static int past_check(const char *what, long result, int errnum)
{
	return outcome(what, result < 0 && errno == errnum ? 0 : result);
}

/* ---- terminals: standard input is one */

static int tiocsti(int argc, char **argv)
{
	int waiting = 0;
	unsigned long junk = argc > 0 ? JUNK : 0;
	long result = syscall(SYS_ioctl, 0, TIOCSTI | junk, "\n");

	if (result == 0)
		result = ioctl(0, FIONREAD, &waiting) == 0 && waiting > 0 ? 0 : -1;
	return outcome("typing into the terminal (TIOCSTI)", result);
}

/* TIOCL_GETSHIFTSTATE, which only looks: pasting goes the same way. */
static int tioclinux(int argc, char **argv)
{
	char byte = 6;

	return outcome("a console's own requests (TIOCLINUX)",
		       syscall(SYS_ioctl, 0, TIOCLINUX, &byte));
}

/* ---- sockets */

static const struct {
	const char *name;
	int family, type, protocol;
} sockets[] = {
	{"inet", AF_INET, SOCK_STREAM, 0},
	{"inet6", AF_INET6, SOCK_STREAM, 0},
	{"raw", AF_INET, SOCK_RAW, 1},
	{"packet", AF_PACKET, SOCK_RAW, 0x300},
	{"netlink", AF_NETLINK, SOCK_RAW, 0},
	{"vsock", AF_VSOCK, SOCK_STREAM, 0},
	{"alg", AF_ALG, SOCK_SEQPACKET, 0},
	{"xdp", 44, SOCK_RAW, 0},
	{"bluetooth", AF_BLUETOOTH, SOCK_RAW, 1},
};

static int make_socket(int argc, char **argv)
{
	char what[64];

	for (size_t i = 0; argc > 0 && i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		if (strcmp(sockets[i].name, argv[0]) != 0)
			continue;
		snprintf(what, sizeof(what), "a socket of family %s", argv[0]);
		return outcome(what, syscall(SYS_socket, (unsigned long)sockets[i].family | JUNK,
					     sockets[i].type, sockets[i].protocol));
	}
	return 2;
}

/* 1: the answer names an interface that is up and no loopback; 0: it is not the last; -1: it is. */
static int look_for_interface(const char *answer, ssize_t len)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)(const void *)answer;

	for (; NLMSG_OK(header, len); header = NLMSG_NEXT(header, len)) {
		const struct ifinfomsg *link = NLMSG_DATA(header);
		if (header->nlmsg_type != RTM_NEWLINK)
			return -1;
		if ((link->ifi_flags & IFF_UP) && !(link->ifi_flags & IFF_LOOPBACK))
			return 1;
	}
	return 0;
}

static int interfaces(int argc, char **argv)
{
	static char answer[65536];
	const struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} request = {{.nlmsg_len = sizeof(request),
		      .nlmsg_type = RTM_GETLINK,
		      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		     {.ifi_family = AF_UNSPEC}};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0)
		return outcome("the host's interfaces (netlink)", -1);
	int found = 0;
	while (found == 0) {
		ssize_t len = recv(fd, answer, sizeof(answer), 0);
		found = len <= 0 ? -1 : look_for_interface(answer, len);
	}
	errno = ENODEV;
	return outcome("the host's interfaces (netlink)", found);
}

/* ---- the kernel's machinery */

static int io_uring(int argc, char **argv)
{
	uint32_t parameters[30] = {0};

	return outcome("an io_uring", syscall(SYS_io_uring_setup, 1, parameters));
}

static int userfault(int argc, char **argv)
{
	return outcome("a userfaultfd", syscall(SYS_userfaultfd, 1 /* user mode only */));
}

static int bpf(int argc, char **argv)
{
	// of a type that takes a capability, whatever the machine allows to everybody
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_QUEUE, .value_size = 4, .max_entries = 1};

	return outcome("a BPF map", syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

static int perf(int argc, char **argv)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
				       .size = sizeof(attr),
				       .config = PERF_COUNT_SW_TASK_CLOCK,
				       .exclude_kernel = 1,
				       .exclude_hv = 1};

	return outcome("a perf event", syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

static int key(int argc, char **argv)
{
	return outcome("a key in the kernel's keyring",
		       syscall(SYS_add_key, "user", "capakit-attack", "x", 1, -2 /* process */));
}

/* Flags that there are not: the right to it is looked at first. */
static int kexec(int argc, char **argv)
{
	return past_check("loading another kernel", syscall(SYS_kexec_load, 0, 0, NULL, 0xff),
			  EINVAL);
}

static int module(int argc, char **argv)
{
	return past_check("loading a module", syscall(SYS_init_module, NULL, 0, ""), ENOEXEC);
}

static int swap_on(int argc, char **argv)
{
	return past_check("adding swap", syscall(SYS_swapon, "/nonexistent/swap", 0), ENOENT);
}

static int restart(int argc, char **argv)
{
	return past_check("restarting the machine", syscall(SYS_reboot, 0, 0, 0, NULL), EINVAL);
}

static int set_clock(int argc, char **argv)
{
	return outcome("setting the clock", syscall(SYS_settimeofday, NULL, NULL));
}

static int log_level(int argc, char **argv)
{
	return past_check("what the kernel logs (syslog)",
			  syscall(SYS_syslog, 8 /* console level */, NULL, 99), EINVAL);
}

static int host_name(int argc, char **argv)
{
	char name[65] = {0};

	gethostname(name, sizeof(name) - 1);
	return outcome("changing the host name", sethostname(name, strlen(name)));
}

static int fanotify(int argc, char **argv)
{
	return outcome("watching a file system (fanotify)",
		       fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY));
}

static int no_randomness(int argc, char **argv)
{
	return outcome("addresses without randomness (personality)",
		       personality(ADDR_NO_RANDOMIZE));
}

/* ---- namespaces and mounts */

static int user_namespace(int argc, char **argv)
{
	const uint64_t arguments[11] = {CLONE_NEWUSER, [4] = SIGCHLD};
	long pid = 0;

	if (strcmp(argv[0], "unshare") == 0)
		pid = unshare(CLONE_NEWUSER);
	else if (strcmp(argv[0], "clone") == 0)
		pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD | JUNK, 0, 0, 0, 0);
	else
		pid = syscall(SYS_clone3, arguments, sizeof(arguments));
	if (pid == 0 && strcmp(argv[0], "unshare") != 0)
		_exit(0);
	return outcome("a user namespace, with all capabilities in it", pid);
}

static int mount_namespace(int argc, char **argv)
{
	return outcome("a mount namespace", unshare(CLONE_NEWNS));
}

/* Who may not mount can still be the administrator of namespaces of its own, and mount there. */
static int mount_in_own(int argc, char **argv)
{
	return outcome("mounting in namespaces of its own",
		       unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0
			       ? -1
			       : mount("none", "/dev/shm", "tmpfs", 0, NULL));
}

static int mount_over(int argc, char **argv)
{
	return outcome("mounting over a folder",
		       mount("none", "/dev/shm", "tmpfs", MS_NOSUID, NULL));
}

static int mount_new(int argc, char **argv)
{
	int fs = fsopen("tmpfs", 0);

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return outcome("mounting over a folder (fsopen)", -1);
	int made = fsmount(fs, 0, 0);
	return outcome("mounting over a folder (fsopen)",
		       move_mount(made, "", AT_FDCWD, "/dev/shm", MOVE_MOUNT_F_EMPTY_PATH));
}

/* The argument is something that the sandbox has covered. */
static int uncover(int argc, char **argv)
{
	return outcome("uncovering a file (umount)", umount2(argv[0], MNT_DETACH));
}

static int pivot(int argc, char **argv)
{
	return outcome("another root (pivot_root)",
		       syscall(SYS_pivot_root, "/dev/shm", "/dev/shm"));
}

static int change_root(int argc, char **argv)
{
	return outcome("another root (chroot)", chroot("/tmp"));
}

/* A device of ours in a folder that may be written: the kernel's own /dev/zero. */
static int device(int argc, char **argv)
{
	const char *path = argv[0];
	char byte = 1;
	int fd = -1;

	if (mknod(path, S_IFCHR | 0666, makedev(1, 5)) == 0) {
		fd = open(path, O_RDONLY);
		int errnum = errno;
		unlink(path);
		errno = errnum;
	}
	return outcome("making a device and reading it", fd >= 0 ? read(fd, &byte, 1) - 1 : -1);
}

static int set_id_file(int argc, char **argv)
{
	struct stat st = {0};
	int fd = open(argv[0], O_CREAT | O_WRONLY, 04755);

	if (fd >= 0) {
		fstat(fd, &st);
		unlink(argv[0]);
		errno = EPERM;
	}
	return outcome("making a set-user-id file", st.st_mode & S_ISUID ? 0 : -1);
}

/* A file by its handle needs no path: MOUNTED-FOLDER TYPE HEX. */
static int by_handle(int argc, char **argv)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} room = {0};
	const char *hex = argv[2];
	int mount = open(argv[0], O_RDONLY | O_DIRECTORY);

	uint64_t type = 0, byte = 0;
	num_parse_u64(argv[1], strlen(argv[1]), INT32_MAX, &type);
	room.handle.handle_type = (int)type;
	for (; room.handle.handle_bytes < MAX_HANDLE_SZ && num_parse_hex(hex, 2, 255, &byte);
	     hex += 2)
		room.handle.f_handle[room.handle.handle_bytes++] = (unsigned char)byte;
	int fd = mount < 0 ? -1 : open_by_handle_at(mount, &room.handle, O_RDONLY);
	return outcome("a file of the host by its handle", fd < 0 ? -1 : find_secret(fd));
}

/* ---- other kinds of system calls */

#ifdef __x86_64__
static int getpid_of_i386(void)
{
	int result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static int foreign_abi(int argc, char **argv)
{
	bool x32 = strcmp(argv[0], "x32") == 0;
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		long answer = x32 ? syscall(0x40000000L | SYS_getpid) : getpid_of_i386();
		_exit(answer == getpid() ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 1)
		return impossible("this kernel has no such system calls");
	errno = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? EPERM : EINVAL;
	return outcome(x32 ? "x32 system calls" : "32-bit system calls", status == 0 ? 0 : -1);
}
#else
static int foreign_abi(int argc, char **argv)
{
	return impossible("programs of this machine have one kind of system calls");
}
#endif

const struct attack attacks_on_kernel[] = {
	{"tiocsti", 0, tiocsti},
	{"tioclinux", 0, tioclinux},
	{"socket", 1, make_socket},
	{"interfaces", 0, interfaces},
	{"io-uring", 0, io_uring},
	{"userfaultfd", 0, userfault},
	{"bpf", 0, bpf},
	{"perf", 0, perf},
	{"key", 0, key},
	{"kexec", 0, kexec},
	{"module", 0, module},
	{"swapon", 0, swap_on},
	{"reboot", 0, restart},
	{"clock", 0, set_clock},
	{"log-level", 0, log_level},
	{"host-name", 0, host_name},
	{"fanotify", 0, fanotify},
	{"personality", 0, no_randomness},
	{"user-namespace", 1, user_namespace},
	{"mount-namespace", 0, mount_namespace},
	{"mount-in-own", 0, mount_in_own},
	{"mount", 0, mount_over},
	{"mount-new", 0, mount_new},
	{"uncover", 1, uncover},
	{"pivot", 0, pivot},
	{"chroot", 0, change_root},
	{"device", 1, device},
	{"set-id-file", 1, set_id_file},
	{"handle", 3, by_handle},
	{"abi", 1, foreign_abi},
	{NULL, 0, NULL},
};
