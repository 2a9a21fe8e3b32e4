// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The tables of the system-call filter. What is here was chosen for Bun, Node, a shell and what
 * they start; arguments are compared in the bits that the kernel looks at, since the rest of the
 * register may hold anything.
 */
#include "controller/sandbox/filter_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/mem.h"

// clang-format off
#define NAMES(...) (const char *const[]){__VA_ARGS__, NULL}

static const struct filter_group allowed_standard[] = {
	{0, "reading and writing", NAMES(
		"read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev",
		"preadv2", "pwritev2", "lseek", "_llseek", "sendfile", "splice", "tee", "vmsplice",
		"copy_file_range", "fsync", "fdatasync", "sync_file_range", "sync", "syncfs",
		"readahead", "fadvise64", "fallocate", "truncate", "ftruncate", "close",
		"close_range", "dup", "dup2", "dup3", "fcntl", "flock", "ioctl", "pipe", "pipe2")},
	{0, "files; openat2 is left out since its mode cannot be looked at", NAMES(
		"open", "openat", "creat", "stat", "fstat", "lstat", "newfstatat", "statx",
		"statfs", "fstatfs", "access", "faccessat", "faccessat2", "getdents", "getdents64",
		"readlink", "readlinkat", "chdir", "fchdir", "getcwd", "mkdir", "mkdirat", "rmdir",
		"rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat",
		"symlink", "symlinkat", "chmod", "fchmod", "fchmodat", "chown", "lchown", "fchown",
		"fchownat", "umask", "utime", "utimes", "futimesat", "utimensat", "mknod",
		"mknodat", "setxattr", "lsetxattr", "fsetxattr", "getxattr", "lgetxattr",
		"fgetxattr", "listxattr", "llistxattr", "flistxattr", "removexattr", "lremovexattr",
		"fremovexattr", "inotify_init", "inotify_init1", "inotify_add_watch",
		"inotify_rm_watch")},
	{0, "memory", NAMES(
		"mmap", "mprotect", "munmap", "brk", "mremap", "madvise", "mincore", "msync",
		"mlock", "mlock2", "munlock", "mlockall", "munlockall", "memfd_create",
		"membarrier", "pkey_alloc", "pkey_free", "pkey_mprotect", "get_mempolicy", "mbind",
		"set_mempolicy")},
	{0, "processes and threads; clone3 is left out since its flags cannot be looked at", NAMES(
		"clone", "fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4",
		"waitid", "kill", "tkill", "tgkill", "getpid", "getppid", "gettid", "getpgid",
		"setpgid", "getpgrp", "getsid", "setsid", "prctl", "arch_prctl", "set_tid_address",
		"set_robust_list", "get_robust_list", "rseq", "prlimit64", "getrlimit", "setrlimit",
		"getrusage", "times", "getpriority", "setpriority", "sched_yield",
		"sched_getaffinity", "sched_setaffinity", "sched_getparam", "sched_setparam",
		"sched_getscheduler", "sched_setscheduler", "sched_getattr", "sched_setattr",
		"sched_get_priority_max", "sched_get_priority_min", "sched_rr_get_interval",
		"ioprio_get", "ioprio_set", "getcpu", "pidfd_open", "pidfd_send_signal", "uname",
		"sysinfo", "getrandom")},
	{0, "identity: without capabilities these change nothing", NAMES(
		"getuid", "geteuid", "getgid", "getegid", "getgroups", "getresuid", "getresgid",
		"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid",
		"setfsgid", "setgroups", "capget", "capset")},
	{0, "signals", NAMES(
		"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend",
		"rt_sigtimedwait", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "sigaltstack",
		"signalfd", "signalfd4", "alarm", "pause", "restart_syscall")},
	{0, "time", NAMES(
		"nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday",
		"time", "timer_create", "timer_settime", "timer_gettime", "timer_getoverrun",
		"timer_delete", "timerfd_create", "timerfd_settime", "timerfd_gettime", "getitimer",
		"setitimer")},
	{0, "waiting", NAMES(
		"epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait",
		"epoll_pwait2", "eventfd", "eventfd2", "select", "pselect6", "poll", "ppoll",
		"futex", "futex_waitv")},
	{0, "sockets, of the families below", NAMES(
		"socket", "socketpair", "bind", "connect", "listen", "accept", "accept4",
		"getsockname", "getpeername", "sendto", "recvfrom", "sendmsg", "recvmsg",
		"sendmmsg", "recvmmsg", "shutdown", "setsockopt", "getsockopt")},
	{0, "System V and POSIX IPC, in a namespace of their own", NAMES(
		"shmget", "shmat", "shmctl", "shmdt", "semget", "semop", "semctl", "semtimedop",
		"msgget", "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink", "mq_timedsend",
		"mq_timedreceive", "mq_notify", "mq_getsetattr")},
	{0, "programs that confine themselves further", NAMES(
		"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")},
	{0},
};

/*
 * What Bun calls when it installs, tests, builds, serves, watches, and runs workers, children and
 * SQLite, with a shell and its tools: measured (tests/attack/strict_calls), not thought up. Of the
 * calls that were seen, those are left out that programs do without.
 */
static const struct filter_group allowed_strict[] = {
	{0, "reading and writing", NAMES(
		"read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev",
		"lseek", "sendfile", "copy_file_range", "fsync", "fdatasync", "fadvise64",
		"fallocate", "truncate", "ftruncate", "close", "close_range", "dup", "dup2",
		"fcntl", "flock", "ioctl", "pipe2")},
	{0, "files", NAMES(
		"open", "openat", "creat", "stat", "fstat", "lstat", "newfstatat", "statx",
		"statfs", "fstatfs", "access", "getdents64", "readlink", "readlinkat", "chdir",
		"fchdir", "getcwd", "mkdir", "mkdirat", "rmdir", "rename", "renameat", "renameat2",
		"link", "linkat", "unlink", "unlinkat", "symlink", "symlinkat", "chmod", "fchmod",
		"fchmodat", "chown", "lchown", "fchown", "fchownat", "umask", "utimensat",
		"getxattr", "lgetxattr", "inotify_init1", "inotify_add_watch", "inotify_rm_watch")},
	{0, "memory", NAMES(
		"mmap", "mprotect", "munmap", "brk", "madvise", "memfd_create")},
	{0, "processes and threads", NAMES(
		"clone", "vfork", "execve", "exit", "exit_group", "wait4", "kill", "tgkill",
		"getpid", "getppid", "gettid", "setpgid", "getpgrp", "prctl", "arch_prctl",
		"set_tid_address", "set_robust_list", "rseq", "prlimit64", "getrusage",
		"getpriority", "setpriority", "sched_yield", "sched_getaffinity", "pidfd_open",
		"uname", "sysinfo", "getrandom")},
	{0, "identity: without capabilities these change nothing", NAMES(
		"getuid", "geteuid", "getgid", "getegid", "getgroups", "capget")},
	{0, "signals", NAMES(
		"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "sigaltstack",
		"restart_syscall")},
	{0, "time", NAMES(
		"nanosleep", "clock_nanosleep")},
	{0, "waiting", NAMES(
		"epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "eventfd2", "poll",
		"futex")},
	{0, "sockets, of the families below", NAMES(
		"socket", "socketpair", "bind", "connect", "listen", "accept4", "getsockname",
		"getpeername", "sendto", "recvfrom", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg",
		"shutdown", "setsockopt", "getsockopt")},
	{0, "what is read without a call where the kernel offers that", NAMES(
		"clock_gettime", "clock_getres", "gettimeofday", "time", "getcpu")},
	{0, "what other processors have in place of older calls", NAMES(
		"dup3", "faccessat", "faccessat2", "ppoll", "pselect6")},
	{0, "what process 1 of the sandbox needs", NAMES(
		"rt_sigtimedwait", "setsid")},
	{0},
};

/* Debuggers need these. */
static const struct filter_group refused_processes[] = {
	{EPERM, "other processes", NAMES(
		"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp",
		"process_madvise", "process_mrelease", "migrate_pages", "move_pages")},
	{0},
};

static const struct filter_group unseen[] = {
	{ENOSYS, "what they ask for is behind a pointer, where no filter can look", NAMES(
		"clone3", "openat2", "fchmodat2", "open_tree_attr")},
	{0},
};

static const struct filter_group refused[] = {
	{EPERM, "the kernel's own machinery", NAMES(
		"bpf", "perf_event_open", "userfaultfd", "add_key", "request_key", "keyctl",
		"kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module",
		"create_module", "fanotify_init", "fanotify_mark", "lookup_dcookie",
		"io_uring_setup", "io_uring_enter", "io_uring_register")},
	{EPERM, "mounts and namespaces", NAMES(
		"mount", "umount", "umount2", "pivot_root", "chroot", "fsopen", "fsconfig",
		"fsmount", "fspick", "open_tree", "move_mount", "mount_setattr", "setns", "unshare",
		"open_by_handle_at", "name_to_handle_at")},
	{EPERM, "the machine", NAMES(
		"swapon", "swapoff", "reboot", "quotactl", "quotactl_fd", "acct", "settimeofday",
		"clock_settime", "clock_adjtime", "adjtimex", "stime", "sethostname",
		"setdomainname", "iopl", "ioperm", "modify_ldt", "vm86", "vm86old", "vhangup",
		"syslog", "nfsservctl", "uselib", "ustat", "sysfs", "_sysctl")},
	{0},
};

#define MASKED(argument, mask, value) {argument, FILTER_MASKED, mask, value}
#define INT(argument, value) MASKED(argument, 0xffffffff, value)
#define NAMESPACE(flag) {"clone", EPERM, FILTER_ALWAYS, {MASKED(0, flag, flag)}, "no namespaces below this one"}
#define TERMINAL(request, why) {"ioctl", EPERM, FILTER_ALWAYS, {INT(1, request)}, why}
#define SETID "a file that runs as its owner would be a way out of a mount"
#define NO_SETID(call, argument) \
	{call, EPERM, FILTER_ALWAYS, {MASKED(argument, S_ISUID, S_ISUID)}, SETID}, \
	{call, EPERM, FILTER_ALWAYS, {MASKED(argument, S_ISGID, S_ISGID)}, SETID}
#define NO_SETID_OPEN(call, flags, mode) \
	{call, EPERM, FILTER_ALWAYS, {MASKED(flags, O_CREAT, O_CREAT), MASKED(mode, S_ISUID, S_ISUID)}, SETID}, \
	{call, EPERM, FILTER_ALWAYS, {MASKED(flags, O_CREAT, O_CREAT), MASKED(mode, S_ISGID, S_ISGID)}, SETID}, \
	{call, EPERM, FILTER_ALWAYS, {MASKED(flags, O_TMPFILE, O_TMPFILE), MASKED(mode, S_ISUID, S_ISUID)}, SETID}, \
	{call, EPERM, FILTER_ALWAYS, {MASKED(flags, O_TMPFILE, O_TMPFILE), MASKED(mode, S_ISGID, S_ISGID)}, SETID}
#define TCP_AND_UDP "Unix sockets, TCP and UDP alone"
#define NO_FAMILY(family) {"socket", EAFNOSUPPORT, FILTER_NET_INET, {INT(0, family)}, TCP_AND_UDP}
#define NO_TYPE(family, type) \
	{"socket", EPROTONOSUPPORT, FILTER_NET_INET, {INT(0, family), MASKED(1, 0xf, type)}, TCP_AND_UDP}

const struct filter_condition filter_conditions[] = {
	NAMESPACE(CLONE_NEWUSER), NAMESPACE(CLONE_NEWNS), NAMESPACE(CLONE_NEWPID),
	NAMESPACE(CLONE_NEWNET), NAMESPACE(CLONE_NEWIPC), NAMESPACE(CLONE_NEWUTS),
	NAMESPACE(CLONE_NEWCGROUP),
	TERMINAL(TIOCSTI, "it types into a terminal"),
	TERMINAL(TIOCLINUX, "it reads and types on a console"),
	TERMINAL(TIOCSETD, "it chooses what drives a terminal"),
	TERMINAL(TIOCCONS, "it takes the console's output"),
	{"personality", 0, FILTER_ALWAYS, {INT(0, 0)}, "the default"},
	{"personality", 0, FILTER_ALWAYS, {INT(0, 0xffffffff)}, "only asking"},
	NO_SETID("chmod", 1), NO_SETID("fchmod", 1), NO_SETID("fchmodat", 2), NO_SETID("mkdir", 1),
	NO_SETID("mkdirat", 2), NO_SETID("mknod", 1), NO_SETID("mknodat", 2), NO_SETID("creat", 1),
	NO_SETID_OPEN("open", 1, 2), NO_SETID_OPEN("openat", 2, 3),
	{"socket", EAFNOSUPPORT, FILTER_NET_NONE, {{0, FILTER_NOT, 0, AF_UNIX}}, "no network"},
	{"socketpair", EAFNOSUPPORT, FILTER_ALWAYS, {{0, FILTER_NOT, 0, AF_UNIX}}, "Unix sockets alone"},
	// families 1, 2 and 10 are left
	NO_FAMILY(0), NO_FAMILY(3), NO_FAMILY(4), NO_FAMILY(5), NO_FAMILY(6), NO_FAMILY(7),
	NO_FAMILY(8), NO_FAMILY(9),
	{"socket", EAFNOSUPPORT, FILTER_NET_INET, {{0, FILTER_ABOVE, 0, AF_INET6}}, TCP_AND_UDP},
	NO_TYPE(AF_INET, SOCK_RAW), NO_TYPE(AF_INET, SOCK_RDM), NO_TYPE(AF_INET, SOCK_SEQPACKET),
	NO_TYPE(AF_INET, SOCK_DCCP), NO_TYPE(AF_INET, SOCK_PACKET),
	NO_TYPE(AF_INET6, SOCK_RAW), NO_TYPE(AF_INET6, SOCK_RDM), NO_TYPE(AF_INET6, SOCK_SEQPACKET),
	NO_TYPE(AF_INET6, SOCK_DCCP), NO_TYPE(AF_INET6, SOCK_PACKET),
	{"socket", EPROTONOSUPPORT, FILTER_NET_INET, {{2, FILTER_ABOVE, 0, 17}},
	 "no protocol that loads a module"},
};
// clang-format on
const size_t filter_n_conditions = sizeof(filter_conditions) / sizeof(filter_conditions[0]);

const struct filter_profile filter_profiles[] = {
	{"standard", ENOSYS, {allowed_standard, refused, refused_processes}},
	{"strict", ENOSYS, {allowed_strict, refused, refused_processes}},
	{"minimal", 0, {refused, unseen}},
};
const size_t filter_n_profiles = sizeof(filter_profiles) / sizeof(filter_profiles[0]);

const struct filter_profile *filter_profile_find(const char *name)
{
	for (size_t i = 0; i < filter_n_profiles; i++)
		if (str_eq(filter_profiles[i].name, name))
			return &filter_profiles[i];
	return NULL;
}
