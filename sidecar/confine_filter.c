// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The system calls of each role, as one table. What is not in it fails: as if there were no files
 * (ENOENT) or no such call (ENOSYS); what nobody calls by mistake kills the process. The filter is
 * the last of several walls (confine.c), so it is short rather than clever: it is compiled anew in
 * every sidecar, ten of which may start at once.
 */
#include "sidecar/confine_filter.h"

#include <errno.h>
#include <malloc.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sanitizers.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED CONFINE_SANITIZED
#else
#define SANITIZED 0
#endif

enum condition {
	ANY,
	NOT_EXECUTABLE, // the third argument has no PROT_EXEC
	TO_SELF,	// the first argument is this process
};

struct call {
	int number;
	const char *name;
	uint32_t groups;
	enum condition condition;
};

#define CALL(name, groups)                                                                         \
	{                                                                                          \
		SCMP_SYS(name), #name, groups, ANY                                                 \
	}
#define CALL_IF(name, groups, condition)                                                           \
	{                                                                                          \
		SCMP_SYS(name), #name, groups, condition                                           \
	}

#define CALL_SANITIZED(name) CALL(name, CONFINE_SANITIZED),

static const struct call allowed[] = {
	// The hot path.
	CALL(read, CONFINE_BASE),
	CALL(write, CONFINE_BASE),
	CALL(readv, CONFINE_BASE),
	CALL(writev, CONFINE_BASE),
	CALL(recvfrom, CONFINE_BASE),
	CALL(sendto, CONFINE_BASE),
	CALL(recvmsg, CONFINE_BASE),
	CALL(sendmsg, CONFINE_BASE),
	CALL(epoll_wait, CONFINE_BASE),
	CALL(epoll_pwait, CONFINE_BASE),
	CALL(epoll_ctl, CONFINE_BASE),
	CALL(clock_gettime, CONFINE_BASE),
	// Descriptors.
	CALL(close, CONFINE_BASE),
	CALL(shutdown, CONFINE_BASE),
	CALL(fcntl, CONFINE_BASE),
	CALL(dup, CONFINE_BASE),
	CALL(dup3, CONFINE_BASE),
	CALL(fstat, CONFINE_BASE),
	CALL(lseek, CONFINE_BASE),
	CALL(ioctl, CONFINE_BASE),
	CALL(getsockopt, CONFINE_BASE),
	CALL(setsockopt, CONFINE_BASE),
	CALL(getsockname, CONFINE_BASE),
	CALL(getpeername, CONFINE_BASE),
	CALL(epoll_create1, CONFINE_BASE),
	CALL(poll, CONFINE_BASE),
	CALL(ppoll, CONFINE_BASE),
	CALL(eventfd2, CONFINE_BASE),
	CALL(pipe2, CONFINE_BASE),
	CALL(timerfd_create, CONFINE_BASE),
	CALL(timerfd_settime, CONFINE_BASE),
	// Memory; libgcrypt locks pages.
	CALL(brk, CONFINE_BASE),
	CALL_IF(mmap, CONFINE_BASE, NOT_EXECUTABLE),
	CALL_IF(mprotect, CONFINE_BASE, NOT_EXECUTABLE),
	CALL(munmap, CONFINE_BASE),
	CALL(mremap, CONFINE_BASE),
	CALL(madvise, CONFINE_BASE),
	CALL(mlock, CONFINE_BASE),
	CALL(munlock, CONFINE_BASE),
	// Itself.
	CALL(getrandom, CONFINE_BASE),
	CALL(gettimeofday, CONFINE_BASE),
	CALL(clock_getres, CONFINE_BASE),
	CALL(clock_nanosleep, CONFINE_BASE),
	CALL(restart_syscall, CONFINE_BASE),
	CALL(futex, CONFINE_BASE),
	CALL(getpid, CONFINE_BASE),
	CALL(gettid, CONFINE_BASE),
	CALL(getuid, CONFINE_BASE),
	CALL(geteuid, CONFINE_BASE),
	CALL(getgid, CONFINE_BASE),
	CALL(getegid, CONFINE_BASE),
	CALL(rt_sigaction, CONFINE_BASE),
	CALL(rt_sigprocmask, CONFINE_BASE),
	CALL(rt_sigreturn, CONFINE_BASE),
	CALL_IF(tgkill, CONFINE_BASE, TO_SELF), // abort(3)
	CALL(exit, CONFINE_BASE),
	CALL(exit_group, CONFINE_BASE),
	SANITIZER_CALLS(CALL_SANITIZED)
	// Sockets; socket() itself is in allow_sockets().
	CALL(accept4, CONFINE_ACCEPT),
	CALL(connect, CONFINE_UNIX_STREAM | CONFINE_INET_STREAM | CONFINE_INET_DGRAM),
};

#undef CALL
#define CALL(name)                                                                                 \
	{                                                                                          \
		SCMP_SYS(name), #name, 0, ANY                                                      \
	}

static const struct call absent[] = {
	// as in an empty folder: libraries look for their files
	CALL(open),	  CALL(openat),	  CALL(openat2),    CALL(access),
	CALL(faccessat),  CALL(stat),	  CALL(newfstatat), CALL(statx),
	CALL(faccessat2), CALL(readlink), CALL(lstat),	    CALL(readlinkat),
};

static const struct call killed[] = {
	CALL(execve),
	CALL(execveat),
	CALL(fork),
	CALL(vfork),
	CALL(clone),
	CALL(clone3),
	CALL(unshare),
	CALL(setns),
	CALL(ptrace),
	CALL(process_vm_readv),
	CALL(process_vm_writev),
	CALL(pidfd_open),
	CALL(mount),
	CALL(umount2),
	CALL(pivot_root),
	CALL(chroot),
	CALL(move_mount),
	CALL(open_tree),
	CALL(fsopen),
	CALL(open_by_handle_at),
	CALL(bpf),
	CALL(perf_event_open),
	CALL(userfaultfd),
	CALL(io_uring_setup),
	CALL(keyctl),
	CALL(add_key),
	CALL(init_module),
	CALL(finit_module),
	CALL(kill),
	CALL(tkill),
	CALL(setuid),
	CALL(setresuid),
	CALL(pidfd_getfd),
};

#undef CALL

static bool rule_failed(int result, const char *name, struct err *err)
{
	return err_sys(err, -result, "adding the system call %s to the filter", name);
}

static bool allow_call(scmp_filter_ctx filter, const struct call *call, struct err *err)
{
	struct scmp_arg_cmp not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	struct scmp_arg_cmp executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
	struct scmp_arg_cmp to_self = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid());
	int result = 0;
	switch (call->condition) {
	case ANY:
		result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call->number, 0, NULL);
		break;
	case TO_SELF:
		result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call->number, 1, &to_self);
		break;
	case NOT_EXECUTABLE:
		result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call->number, 1,
						&not_executable);
		if (result == 0)
			result = seccomp_rule_add_array(filter, SCMP_ACT_KILL_PROCESS, call->number,
							1, &executable);
		break;
	}
	return result == 0 || rule_failed(result, call->name, err);
}

static bool add_all(scmp_filter_ctx filter, uint32_t action, const struct call *calls, size_t count,
		    struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		int result = seccomp_rule_add_array(filter, action, calls[i].number, 0, NULL);
		if (result != 0)
			return rule_failed(result, calls[i].name, err);
	}
	return true;
}

/* socket(family, type): flags aside exactly this type, protocol 0 or the type's own. */
static bool allow_socket(scmp_filter_ctx filter, int family, int type, struct err *err)
{
	const uint32_t flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
	struct scmp_arg_cmp conditions[] = {
		SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family),
		SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX & ~flags, (scmp_datum_t)type),
	};
	int result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket),
					    array_len(conditions), conditions);
	return result == 0 || rule_failed(result, "socket", err);
}

static bool kill_socket(scmp_filter_ctx filter, struct scmp_arg_cmp family, struct err *err)
{
	int result =
		seccomp_rule_add_array(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(socket), 1, &family);
	return result == 0 || rule_failed(result, "socket", err);
}

/* Families are dense small numbers: a rule for each gap kills all but the role's own. */
static bool allow_inet_sockets(scmp_filter_ctx filter, uint32_t calls, struct err *err)
{
	static const int families[] = {AF_INET, AF_INET6};
	for (size_t i = 0; i < array_len(families); i++) {
		if ((calls & CONFINE_INET_STREAM) &&
		    !allow_socket(filter, families[i], SOCK_STREAM, err))
			return false;
		if ((calls & CONFINE_INET_DGRAM) &&
		    !allow_socket(filter, families[i], SOCK_DGRAM, err))
			return false;
	}
	for (int family = AF_INET + 1; family < AF_INET6; family++)
		if (!kill_socket(filter, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family), err))
			return false;
	return kill_socket(filter, SCMP_A0(SCMP_CMP_LT, AF_INET), err) &&
	       kill_socket(filter, SCMP_A0(SCMP_CMP_GT, AF_INET6), err);
}

static bool allow_sockets(scmp_filter_ctx filter, uint32_t calls, struct err *err)
{
	if (calls & (CONFINE_INET_STREAM | CONFINE_INET_DGRAM))
		return allow_inet_sockets(filter, calls, err);
	if (calls & CONFINE_UNIX_STREAM)
		return allow_socket(filter, AF_UNIX, SOCK_STREAM, err) &&
		       kill_socket(filter, SCMP_A0(SCMP_CMP_NE, AF_UNIX), err);
	int result =
		seccomp_rule_add_array(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(socket), 0, NULL);
	return result == 0 || rule_failed(result, "socket", err);
}

static bool fill(scmp_filter_ctx filter, const struct confine_role *role, struct err *err)
{
	uint32_t groups = role->calls | SANITIZED;
	for (size_t i = 0; i < array_len(allowed); i++)
		if ((allowed[i].groups & groups) && !allow_call(filter, &allowed[i], err))
			return false;
	return allow_sockets(filter, role->calls, err) &&
	       add_all(filter, SCMP_ACT_ERRNO(ENOENT), absent, array_len(absent), err) &&
	       add_all(filter, SCMP_ACT_KILL_PROCESS, killed, array_len(killed), err);
}

static bool set_attributes(scmp_filter_ctx filter, struct err *err)
{
	int result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (result == 0)
		result = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	if (result == 0) // a binary tree instead of a list
		result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return result == 0 || err_sys(err, -result, "setting up the system-call filter");
}

static void filter_free(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
	*filter = NULL;
}

bool confine_filter_load(const struct confine_role *role, struct err *err)
{
	__attribute__((cleanup(filter_free))) scmp_filter_ctx filter =
		seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	if (!filter)
		return err_set(err, ERR_UNSUPPORTED, "libseccomp cannot make a filter here");
	if (!set_attributes(filter, err) || !fill(filter, role, err))
		return false;
	int result = seccomp_load(filter);
	if (result != 0)
		return err_sys(err, -result,
			       "installing the system-call filter (the kernel needs "
			       "CONFIG_SECCOMP_FILTER)");
	filter_free(&filter);
	malloc_trim(0); // gives back the 80 KB that compiling took
	return true;
}

static bool describe(const struct call *calls, size_t count, uint32_t groups, struct buf *out)
{
	const char *between = "";
	for (size_t i = 0; i < count; i++) {
		if (groups && !(calls[i].groups & groups))
			continue;
		if (!buf_printf(out, "%s%s", between, calls[i].name))
			return false;
		between = " ";
	}
	return true;
}

bool confine_filter_describe(uint32_t groups, struct buf *out)
{
	return describe(allowed, array_len(allowed), groups, out);
}

bool confine_filter_describe_killed(struct buf *out)
{
	return describe(killed, array_len(killed), 0, out);
}
