// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a process has before it does anything: rights, a session, open descriptors, variables, and
 * as much as it may use up. A sandbox takes all of that away, or makes it little.
 */
#include "controller/attack/attack.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"

enum { LAST_DESCRIPTOR = 1024, MOST_TRIES = 1 << 20 };

/* Calls `each` with every line of a file of the kernel's, until it says true. */
static bool any_line(const char *path, bool (*each)(const char *line))
{
	FILE *file = fopen(path, "re");
	char line[4096];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = each(line);
	if (file)
		fclose(file);
	return found;
}

/* ---- rights ---- */

static bool is_some_capability(const char *line)
{
	static const char *const sets[] = {"CapInh:\t", "CapPrm:\t", "CapEff:\t", "CapAmb:\t"};

	for (size_t i = 0; i < array_len(sets); i++)
		if (str_starts(line, sets[i]))
			return strspn(line + strlen(sets[i]), "0\n") <
			       strlen(line + strlen(sets[i]));
	return false;
}

static int capabilities(int argc, char **argv)
{
	errno = EPERM;
	return outcome("a right of root's (capability)",
		       any_line("/proc/self/status", is_some_capability) ? 0 : -1);
}

/* The line that maps every user to itself. */
static bool is_no_map(const char *line)
{
	return strspn(line, " 0") > 0 && strstr(line, "4294967295");
}

static int host_root(int argc, char **argv)
{
	errno = EPERM;
	return outcome("being the host's root",
		       geteuid() == 0 && any_line("/proc/self/uid_map", is_no_map) ? 0 : -1);
}

static bool is_more_than_none(const char *line)
{
	return !str_starts(line, "0\n");
}

static int namespaces_left(int argc, char **argv)
{
	errno = ENOSPC;
	return outcome("user namespaces that may be made",
		       any_line("/proc/sys/user/max_user_namespaces", is_more_than_none) ? 0 : -1);
}

/* Field 6 of proc(5)'s stat, behind the name, which may hold anything; 0: begun outside. */
static bool is_session_of_inside(const char *line)
{
	const char *name_end = strrchr(line, ')');
	int session;

	return name_end && sscanf(name_end, ") %*c %*d %*d %d", &session) == 1 && session != 0;
}

static int others_session(int argc, char **argv)
{
	errno = EPERM;
	return outcome("the session of who started it",
		       any_line("/proc/self/stat", is_session_of_inside) ? -1 : 0);
}

/* ---- what was left open, or set ---- */

static int leaked_folder(int argc, char **argv)
{
	for (int fd = 3; fd < LAST_DESCRIPTOR; fd++) {
		int file = openat(fd, argv[0], O_RDONLY | O_CLOEXEC);
		if (file >= 0 && find_secret(file) == 0)
			return outcome("a file below a folder that was left open", 0);
	}
	errno = EBADF;
	return outcome("a file below a folder that was left open", -1);
}

static int leaked_file(int argc, char **argv)
{
	for (int fd = 3; fd < LAST_DESCRIPTOR; fd++)
		if (find_secret(fd) == 0)
			return outcome("a file that was left open", 0);
	errno = EBADF;
	return outcome("a file that was left open", -1);
}

static int environment(int argc, char **argv)
{
	const char *value = getenv(argv[0]);

	errno = ENOENT;
	return outcome("a variable of the host's", value ? 0 : -1);
}

/* ---- using things up ---- */

static int most(const char *text)
{
	uint64_t value;

	return num_parse_u64(text, strlen(text), MOST_TRIES, &value) ? (int)value : 0;
}

/* Each stays until this one ends. */
static int forks(int argc, char **argv)
{
	pid_t attacker = getpid();
	pid_t pid = 0;

	for (int i = most(argv[0]); i > 0 && pid >= 0; i--) {
		pid = fork();
		if (pid != 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == attacker)
			pause();
		_exit(0);
	}
	return outcome("more processes than allowed", pid);
}

static int open_files(int argc, char **argv)
{
	int fd = 0;

	for (int i = most(argv[0]); i > 0 && fd >= 0; i--)
		fd = open("/dev/null", O_RDONLY);
	return outcome("more open files than allowed", fd);
}

/* By the names that kernels give it if nobody says otherwise. */
static void remove_core(pid_t pid)
{
	char name[64];

	unlink("/tmp/core");
	snprintf(name, sizeof(name), "/tmp/core.%d", (int)pid);
	unlink(name);
}

static int core_file(int argc, char **argv)
{
	int status = 0;
	struct rlimit limit;
	pid_t pid = fork();

	if (pid == 0) {
		getrlimit(RLIMIT_CORE, &limit);
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_CORE, &limit) == 0 && chdir("/tmp") == 0)
			abort();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	remove_core(pid);
	errno = EPERM;
	return outcome("a core file", WIFSIGNALED(status) && WCOREDUMP(status) ? 0 : -1);
}

const struct attack attacks_on_self[] = {
	{"capabilities", 0, capabilities},
	{"host-root", 0, host_root},
	{"namespaces-left", 0, namespaces_left},
	{"session", 0, others_session},
	{"leaked-folder", 1, leaked_folder},
	{"leaked-file", 0, leaked_file},
	{"environment", 1, environment},
	{"forks", 1, forks},
	{"open-files", 1, open_files},
	{"core", 0, core_file},
	{NULL, 0, NULL},
};
