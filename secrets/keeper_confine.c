// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the keeper may touch, as three tables (files, system calls, system calls that mean it was
 * taken over) and the code that reads them: capabilities(7), landlock(7), seccomp(2). The keeper
 * has no use for the network, other programs or other processes, so none of it is reachable even
 * for somebody who runs code inside it.
 */
#include "secrets/keeper_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/landlock.h"
#include "base/mem.h"
#include "base/sanitizers.h"

/* --- files --- */

#define DATABASE                                                                                   \
	(LANDLOCK_READ_FILE | LANDLOCK_READ_DIR | LANDLOCK_WRITE_FILE | LANDLOCK_MAKE_REG |        \
	 LANDLOCK_REMOVE_FILE | LANDLOCK_TRUNCATE)

struct file_rule {
	const char *path;
	uint64_t access;
};

static bool allow_path(int rules, const struct landlock_handled *handled,
		       const struct file_rule *rule, struct err *err)
{
	auto_fd int fd = open(rule->path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, errno, "confining the keeper to %s", rule->path);
	return landlock_allow(rules, handled, fd, rule->access, rule->path, err);
}

static bool confine_files(const struct keeper_folders *folders, struct err *err)
{
	const struct file_rule list[] = {
		{folders->secrets, DATABASE},
		{folders->audit, DATABASE},
		{"/dev/urandom", LANDLOCK_READ_FILE},
	};
	struct landlock_handled handled = {
		.fs = LANDLOCK_ALL_FILES,
		.net = LANDLOCK_BIND_TCP | LANDLOCK_CONNECT_TCP,
		.scoped = LANDLOCK_ABSTRACT_UNIX | LANDLOCK_SIGNAL,
	};
	auto_fd int rules = landlock_open(&handled, err);

	if (rules < 0)
		return err_prefix(err, "confining the keeper of secrets");
	for (size_t i = 0; i < array_len(list); i++)
		if (!allow_path(rules, &handled, &list[i], err))
			return false;
	return landlock_apply(rules, err);
}

/* --- system calls --- */

// clang-format off
#define ANY 0, {{0}}
#define ONLY_BITS(arg, bits) 1, {SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, UINT32_MAX & ~(bits), 0)}
#define NO_BITS(arg, bits) 1, {SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, bits, 0)}
#define VALUE(arg, value) 1, {SCMP_CMP64(arg, SCMP_CMP_EQ, value)}
// clang-format on

#define OPEN_FLAGS                                                                                 \
	((uint64_t)(O_WRONLY | O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_LARGEFILE))

#define CALL_SANITIZED(name) {SCMP_SYS(name), ANY},

static const struct call_rule {
	int call;
	unsigned n_conditions;
	struct scmp_arg_cmp conditions[1];
} allowed[] = {
	// channels and the event loop
	{SCMP_SYS(recvmsg), ANY},
	{SCMP_SYS(sendmsg), ANY},
	{SCMP_SYS(epoll_wait), ANY},
	{SCMP_SYS(epoll_pwait), ANY},
	{SCMP_SYS(epoll_ctl), ANY},
	{SCMP_SYS(close), ANY},
	// the databases (Landlock says which files)
	{SCMP_SYS(openat), ONLY_BITS(2, OPEN_FLAGS)},
	{SCMP_SYS(read), ANY},
	{SCMP_SYS(write), ANY},
	{SCMP_SYS(pread64), ANY},
	{SCMP_SYS(pwrite64), ANY},
	{SCMP_SYS(lseek), ANY},
	{SCMP_SYS(fstat), ANY},
	{SCMP_SYS(stat), ANY},
	{SCMP_SYS(lstat), ANY},
	{SCMP_SYS(newfstatat), ANY},
	{SCMP_SYS(statx), ANY},
	{SCMP_SYS(access), ANY},
	{SCMP_SYS(faccessat), ANY},
	{SCMP_SYS(faccessat2), ANY},
	{SCMP_SYS(unlink), ANY},
	{SCMP_SYS(unlinkat), ANY},
	{SCMP_SYS(ftruncate), ANY},
	{SCMP_SYS(fallocate), ANY},
	{SCMP_SYS(fsync), ANY},
	{SCMP_SYS(fdatasync), ANY},
	{SCMP_SYS(fchmod), ANY},
	{SCMP_SYS(fchown), ANY},
	{SCMP_SYS(getcwd), ANY},
	{SCMP_SYS(readlink), ANY},
	{SCMP_SYS(readlinkat), ANY},
	{SCMP_SYS(fcntl), VALUE(1, F_GETLK)},
	{SCMP_SYS(fcntl), VALUE(1, F_SETLK)},
	{SCMP_SYS(fcntl), VALUE(1, F_GETFD)},
	{SCMP_SYS(fcntl), VALUE(1, F_SETFD)},
	{SCMP_SYS(fcntl), VALUE(1, F_GETFL)},
	{SCMP_SYS(fcntl), VALUE(1, F_DUPFD_CLOEXEC)},
	// memory, none of it executable
	{SCMP_SYS(mmap), NO_BITS(2, PROT_EXEC)},
	{SCMP_SYS(mprotect), NO_BITS(2, PROT_EXEC)},
	{SCMP_SYS(munmap), ANY},
	{SCMP_SYS(mremap), ANY},
	{SCMP_SYS(madvise), ANY},
	{SCMP_SYS(brk), ANY},
	{SCMP_SYS(mlock), ANY},
	{SCMP_SYS(mlock2), ANY},
	{SCMP_SYS(munlock), ANY},
	// time, randomness, itself
	{SCMP_SYS(clock_gettime), ANY},
	{SCMP_SYS(gettimeofday), ANY},
	{SCMP_SYS(time), ANY},
	{SCMP_SYS(nanosleep), ANY},
	{SCMP_SYS(clock_nanosleep), ANY},
	{SCMP_SYS(getrandom), ANY},
	{SCMP_SYS(getpid), ANY},
	{SCMP_SYS(gettid), ANY},
	{SCMP_SYS(getuid), ANY},
	{SCMP_SYS(geteuid), ANY},
	{SCMP_SYS(futex), ANY},
	{SCMP_SYS(sched_yield), ANY},
	{SCMP_SYS(rt_sigaction), ANY},
	{SCMP_SYS(rt_sigprocmask), ANY},
	{SCMP_SYS(rt_sigreturn), ANY},
	{SCMP_SYS(restart_syscall), ANY},
	{SCMP_SYS(exit), ANY},
	{SCMP_SYS(exit_group), ANY},
#ifdef __SANITIZE_ADDRESS__
	SANITIZER_CALLS(CALL_SANITIZED)
#endif
};

/* Nobody but an intruder calls these here. What is in neither table gets ENOSYS. */
static const int deadly[] = {
	SCMP_SYS(socket),
	SCMP_SYS(socketpair),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(listen),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kill),
	SCMP_SYS(tkill),
	SCMP_SYS(pidfd_send_signal),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(chroot),
	SCMP_SYS(pivot_root),
	SCMP_SYS(bpf),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(keyctl),
	SCMP_SYS(memfd_create),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(process_madvise),
};

static int fill_filter(scmp_filter_ctx filter)
{
	int rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	for (size_t i = 0; i < array_len(allowed) && rc == 0; i++)
		rc = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, allowed[i].call,
					    allowed[i].n_conditions, allowed[i].conditions);
	for (size_t i = 0; i < array_len(deadly) && rc == 0; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, deadly[i], 0);
	if (rc == 0) // abort(3), to itself only
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				      SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	return rc;
}

static bool confine_calls(struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int rc = -ENOMEM;

	if (filter)
		rc = fill_filter(filter);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc == 0 || err_sys(err, -rc, "installing the keeper's system call filter");
}

/* --- capabilities --- */

static bool drop_capabilities(struct err *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, errno, "forbidding the keeper new privileges");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
	    syscall(SYS_capset, &header, none) < 0)
		return err_sys(err, errno, "dropping the keeper's capabilities");
	return true;
}

bool keeper_confine(const struct keeper_folders *folders, struct err *err)
{
	return drop_capabilities(err) && confine_files(folders, err) && confine_calls(err);
}
