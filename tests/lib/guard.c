// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * guard SECONDS COMMAND...: runs one test file. As the subreaper of all that the test starts it
 * sees every process that outlives the test, however it was detached; each is reported as a failed
 * case on standard output and killed. A test that takes longer than SECONDS is killed with all of
 * its processes. Exit status: that of the command; 124 after the time limit, 125 when it could not
 * be run, 128 + N when signal N ended it.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"

enum {
	GRACE_MS = 3000, // what ends by itself right after the test is no leftover
	POLL_MS = 10,
	EXIT_TIMED_OUT = 124,
	EXIT_NOT_RUN = 125,
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_briefly(void)
{
	(void)nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
}

static int exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Reaps until `pid` ended (its exit status), or there was no child left, or the time came (-1). */
static int reap_until(pid_t pid, long deadline)
{
	for (;;) {
		int status;
		pid_t ended = waitpid(-1, &status, WNOHANG);

		if (ended > 0 && ended == pid)
			return exit_status(status);
		if (ended < 0 || now_ms() >= deadline || interrupted)
			return -1;
		if (ended == 0)
			pause_briefly();
	}
}

/* Parent and name out of /proc/<pid>/stat: `pid (name) state parent ...`. */
static pid_t parent_of(const char *pid, char *name, size_t size)
{
	char line[1024] = "";
	auto_free char *path = xasprintf("/proc/%s/stat", pid);
	FILE *file = fopen(path, "re");
	const char *open;
	char *close;
	uint64_t parent;

	if (!file)
		return -1;
	line[fread(line, 1, sizeof(line) - 1, file)] = '\0';
	(void)fclose(file);
	open = strchr(line, '(');
	close = strrchr(line, ')');
	if (!open || !close || strlen(close) < 5)
		return -1;
	*close = '\0';
	(void)snprintf(name, size, "%s", open + 1);
	if (!num_parse_u64(close + 4, strcspn(close + 4, " "), INT32_MAX, &parent))
		return -1;
	return (pid_t)parent;
}

/* Kills every direct child, which makes theirs ours. Returns how many there were. */
static size_t kill_children(bool report)
{
	DIR *processes = opendir("/proc");
	const struct dirent *entry;
	size_t count = 0;

	while (processes && (entry = readdir(processes))) {
		uint64_t pid;
		char name[64];

		if (!num_parse_u64(entry->d_name, strlen(entry->d_name), INT32_MAX, &pid) ||
		    parent_of(entry->d_name, name, sizeof(name)) != getpid())
			continue;
		if (report)
			(void)printf("not ok leftover-process: %s (%d) outlived the test\n", name,
				     (int)pid);
		(void)kill((pid_t)pid, SIGKILL);
		count++;
	}
	if (processes)
		closedir(processes);
	return count;
}

static void end_all(bool report)
{
	while (kill_children(report)) {
		pause_briefly();
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

/* For each test as it is at a terminal, whoever started the run: nohup(1) ignores SIGHUP, some CI
 * SIGPIPE. */
static void reset_signals(void)
{
	for (int number = 1; number < SIGRTMAX; number++)
		(void)signal(number, SIG_DFL);
}

static pid_t start(char **command)
{
	pid_t pid = fork();

	if (pid == 0) {
		reset_signals();
		(void)execvp(command[0], command);
		(void)fprintf(stderr, "guard: %s: %s\n", command[0], strerror(errno));
		_exit(EXIT_NOT_RUN);
	}
	return pid;
}

static int run(char **command, long limit_ms)
{
	pid_t pid = start(command);
	int status;

	if (pid < 0)
		return EXIT_NOT_RUN;
	status = reap_until(pid, now_ms() + limit_ms);
	if (status < 0) {
		end_all(false);
		(void)printf("not ok time-limit: %s after %ld s\n",
			     interrupted ? "interrupted" : "still running", limit_ms / 1000);
		return EXIT_TIMED_OUT;
	}
	(void)reap_until(-1, now_ms() + GRACE_MS);
	end_all(true);
	return status;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_signal};
	uint64_t seconds;
	int status;

	if (argc < 3 || !num_parse_u64(argv[1], strlen(argv[1]), 86400, &seconds)) {
		(void)fprintf(stderr, "usage: guard SECONDS COMMAND...\n");
		return EXIT_NOT_RUN;
	}
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return EXIT_NOT_RUN;
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	status = run(argv + 2, (long)seconds * 1000);
	return fflush(stdout) == 0 ? status : EXIT_NOT_RUN;
}
