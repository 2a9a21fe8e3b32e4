// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The lists. They were made from what the processes call when all tests run, and name a call only
 * where somebody needs it.
 */
#include "confine/calls.h"

#include "base/mem.h"
#include "base/sanitizers.h"
#include "confine/table.h"

// clang-format off
#define SELF CONFINE_CALLS_SELF
#define EVENTS CONFINE_CALLS_EVENTS
#define SOCKETS CONFINE_CALLS_SOCKETS
#define DATABASE CONFINE_CALLS_DATABASE
#define REMOVE CONFINE_CALLS_REMOVE
#define WAIT CONFINE_CALLS_WAIT
#define ANY(name, groups) {#name, groups, CONFINE_ANY},
#define IF(name, groups, condition) {#name, groups, CONFINE_##condition},
#define SANITIZED(name) ANY(name, CONFINE_CALLS_SANITIZED)

const struct confine_call confine_calls[] = {
	// the hot path
	ANY(read, EVENTS | REMOVE) ANY(write, EVENTS | REMOVE | WAIT) ANY(readv, SOCKETS)
	ANY(writev, SOCKETS) ANY(recvfrom, SOCKETS) ANY(sendto, SOCKETS | WAIT) ANY(recvmsg, EVENTS)
	ANY(sendmsg, EVENTS) ANY(epoll_wait, EVENTS) ANY(epoll_pwait, EVENTS) ANY(epoll_ctl, EVENTS)
	// descriptors
	ANY(close, EVENTS | REMOVE | WAIT) ANY(fstat, EVENTS | REMOVE | WAIT) ANY(lseek, EVENTS | REMOVE | WAIT)
	ANY(shutdown, SOCKETS) ANY(fcntl, SOCKETS | REMOVE) ANY(dup, SOCKETS) ANY(dup3, SOCKETS)
	ANY(ioctl, SOCKETS) ANY(getsockopt, SOCKETS) ANY(setsockopt, SOCKETS) ANY(getsockname, SOCKETS)
	ANY(getpeername, SOCKETS) ANY(epoll_create1, SOCKETS) ANY(poll, SOCKETS) ANY(ppoll, SOCKETS)
	ANY(eventfd2, SOCKETS) ANY(pipe2, SOCKETS) ANY(timerfd_create, SOCKETS)
	ANY(timerfd_settime, SOCKETS)
	// memory; libgcrypt locks pages
	ANY(brk, SELF | WAIT) IF(mmap, SELF | WAIT, NOT_EXECUTABLE) IF(mprotect, SELF, NOT_EXECUTABLE)
	ANY(munmap, SELF | WAIT) ANY(mremap, SELF) ANY(madvise, SELF) ANY(mlock, SELF)
	ANY(mlock2, SELF) ANY(munlock, SELF)
	// itself; tgkill is abort(3)
	ANY(getrandom, SELF) ANY(clock_gettime, SELF) ANY(clock_getres, SELF) ANY(gettimeofday, SELF)
	ANY(time, SELF) ANY(nanosleep, SELF) ANY(clock_nanosleep, SELF) ANY(restart_syscall, SELF | WAIT)
	ANY(futex, SELF) ANY(sched_yield, SELF) ANY(getpid, SELF) ANY(gettid, SELF) ANY(getuid, SELF)
	ANY(geteuid, SELF) ANY(getgid, SELF) ANY(getegid, SELF) ANY(rt_sigaction, SELF)
	ANY(rt_sigprocmask, SELF | WAIT) ANY(rt_sigreturn, SELF | WAIT) IF(tgkill, SELF, TO_SELF)
	ANY(exit, SELF | WAIT) ANY(exit_group, SELF | WAIT)
	// sockets; socket() itself is in filter.c
	ANY(accept4, CONFINE_CALLS_ACCEPT) ANY(connect, CONFINE_CALLS_CONNECT)
	ANY(socketpair, CONFINE_CALLS_PAIR)
	// databases
	IF(openat, DATABASE, OPEN_FLAGS) ANY(pread64, DATABASE) ANY(pwrite64, DATABASE) ANY(stat, DATABASE)
	ANY(lstat, DATABASE) ANY(newfstatat, DATABASE | REMOVE | WAIT) ANY(statx, DATABASE | REMOVE)
	ANY(access, DATABASE) ANY(faccessat, DATABASE | REMOVE) ANY(faccessat2, DATABASE | REMOVE)
	ANY(unlink, DATABASE) ANY(unlinkat, DATABASE | REMOVE) ANY(ftruncate, DATABASE)
	ANY(fallocate, DATABASE) ANY(fsync, DATABASE) ANY(fdatasync, DATABASE) ANY(fchmod, DATABASE | REMOVE)
	ANY(fchown, DATABASE) ANY(getcwd, DATABASE) ANY(readlink, DATABASE) ANY(readlinkat, DATABASE)
	IF(fcntl, DATABASE, LOCKS)
	// removing folders
	ANY(open, REMOVE) ANY(openat, REMOVE) ANY(openat2, REMOVE) ANY(getdents64, REMOVE)
	ANY(rmdir, REMOVE) ANY(renameat, REMOVE) ANY(chmod, REMOVE) ANY(fchmodat, REMOVE)
	// a child
	ANY(wait4, WAIT) ANY(waitid, WAIT) ANY(kill, WAIT) ANY(rt_sigtimedwait, WAIT) ANY(close_range, WAIT)
	// sanitizers
	SANITIZER_CALLS(SANITIZED)
	ANY(getpid, CONFINE_CALLS_WAIT_SANITIZED) ANY(gettid, CONFINE_CALLS_WAIT_SANITIZED)
	ANY(rt_sigaction, CONFINE_CALLS_WAIT_SANITIZED) ANY(tgkill, CONFINE_CALLS_WAIT_SANITIZED)
	ANY(mprotect, CONFINE_CALLS_WAIT_SANITIZED) ANY(madvise, CONFINE_CALLS_WAIT_SANITIZED)
	ANY(futex, CONFINE_CALLS_WAIT_SANITIZED)
};
const size_t confine_n_calls = array_len(confine_calls);

/* Libraries look for their files. */
const char *const confine_calls_absent[] = {
	"open", "openat", "openat2", "access", "faccessat", "faccessat2", "stat", "lstat", "newfstatat",
	"statx", "readlink", "readlinkat", NULL,
};

const char *const confine_calls_killed[] = {
	// programs and processes
	"execve", "execveat", "fork", "vfork", "clone", "clone3", "ptrace", "process_vm_readv",
	"process_vm_writev", "process_madvise", "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "kill",
	"tkill", "setuid", "setresuid",
	// sockets
	"socketpair", "connect", "bind", "listen", "accept", "accept4",
	// namespaces and mounts
	"unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen",
	"open_by_handle_at",
	// the kernel
	"bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "keyctl", "add_key", "memfd_create",
	"init_module", "finit_module", "kexec_load", NULL,
};

/* No sandbox needs these either, whatever its profile. */
const char *const confine_calls_denied[] = {
	// the kernel's own machinery
	"bpf", "perf_event_open", "userfaultfd", "add_key", "request_key", "keyctl", "kexec_load",
	"kexec_file_load", "init_module", "finit_module", "delete_module", "fanotify_init",
	"fanotify_mark", "lookup_dcookie", "io_uring_setup", "io_uring_enter", "io_uring_register",
	// others' namespaces and files
	"setns", "chroot", "open_by_handle_at",
	// the machine
	"swapon", "swapoff", "reboot", "quotactl", "quotactl_fd", "acct", "settimeofday", "clock_settime",
	"clock_adjtime", "adjtimex", "iopl", "ioperm", "modify_ldt", "vhangup", "syslog", "nfsservctl",
	"uselib", "ustat", "sysfs", NULL,
};

const char *const confine_calls_denied_processes[] = {
	"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp", "process_madvise",
	"process_mrelease", "migrate_pages", "move_pages", NULL,
};
// clang-format on
