// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the kernel says of itself: versions, switches below /proc/sys, and the marks that container
 * runtimes leave. Everything is read, nothing is changed.
 */
#include "controller/doctor/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/landlock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"

#define PROC_FILE_MAX (1 * MIB)

/* NULL when it is not there or cannot be read. */
static char *read_text(const char *path)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct err ignored;
	char *text = NULL;
	size_t len;

	return fd >= 0 && fd_read_all(fd, PROC_FILE_MAX, &text, &len, &ignored) ? text : NULL;
}

static int read_number(const char *path)
{
	auto_free char *text = read_text(path);
	uint64_t value;

	if (!text || !num_parse_u64(text, strcspn(text, "\n"), INT32_MAX, &value))
		return -1;
	return (int)value;
}

static void collect_release(struct facts *facts)
{
	struct utsname name;
	uint64_t major, minor;

	facts->kernel_major = facts->kernel_minor = -1;
	if (uname(&name) < 0)
		return;
	facts->kernel_release = xstrdup(name.release);
	size_t dot = strcspn(name.release, ".");
	const char *rest = name.release + dot + (name.release[dot] == '.');
	if (num_parse_u64(name.release, dot, INT32_MAX, &major) &&
	    num_parse_u64(rest, strspn(rest, "0123456789"), INT32_MAX, &minor)) {
		facts->kernel_major = (int)major;
		facts->kernel_minor = (int)minor;
	}
}

static bool has_seccomp(void)
{
	const uint32_t action = SECCOMP_RET_KILL_PROCESS;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/* The list of a processor's features: `flags` on x86, `Features` on arm64. */
static bool has_aes(void)
{
	auto_free char *text = read_text("/proc/cpuinfo");
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n"));)
		if (str_starts(line, "flags") || str_starts(line, "Features"))
			for (char *word; (word = strsep(&line, " \t"));)
				if (str_eq(word, "aes"))
					return true;
	return false;
}

static const char *find_container(const struct facts *facts)
{
	auto_free char *systemd = read_text("/run/systemd/container");
	auto_free char *environment = read_text("/proc/1/environ"); // root only

	if (access("/.dockerenv", F_OK) == 0)
		return "docker";
	if (access("/run/.containerenv", F_OK) == 0)
		return "podman";
	if (facts->kernel_release && (strstr(facts->kernel_release, "microsoft") ||
				      strstr(facts->kernel_release, "Microsoft")))
		return "WSL";
	if (systemd && str_starts(systemd, "lxc"))
		return "lxc";
	if (environment && str_starts(environment, "container=lxc"))
		return "lxc";
	return systemd ? "a container" : NULL;
}

static uint64_t memlock_limit(void)
{
	struct rlimit limit;

	if (geteuid() == 0) // CAP_IPC_LOCK
		return UINT64_MAX;
	if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0)
		return 0;
	return limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

void facts_collect_kernel(struct facts *facts)
{
	struct err ignored;

	collect_release(facts);
	facts->landlock = landlock_version(&ignored);
	facts->seccomp = has_seccomp();
	facts->aes = has_aes();
	facts->max_user_namespaces = read_number("/proc/sys/user/max_user_namespaces");
	facts->userns_clone = read_number("/proc/sys/kernel/unprivileged_userns_clone");
	facts->apparmor_userns =
		read_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
	facts->ptrace_scope = read_number("/proc/sys/kernel/yama/ptrace_scope");
	facts->memlock = memlock_limit();
	facts->container = find_container(facts);
}
