// SPDX-License-Identifier: GPL-3.0-or-later
/* Attacks that use things up: processes, descriptors, room and names in a tmpfs. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* More processes than the limit (argument): held when fork fails before. */
static int forks(int argc, char **argv)
{
	int most = atoi(argv[0]); // an argument of the test's own
	pid_t attacker = getpid();

	for (int i = 0; i < most; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() == attacker)
				pause();
			_exit(0);
		}
		if (pid < 0)
			return !held("fork", -1, ERRORS(EAGAIN));
	}
	held("fork", 0, ERRORS(EAGAIN));
	return verdict();
}

static int open_files(int argc, char **argv)
{
	int most = atoi(argv[0]);

	for (int i = 0; i < most; i++)
		if (open("/dev/null", O_RDONLY) < 0)
			return !held("open", -1, ERRORS(EMFILE));
	held("open", 0, ERRORS(EMFILE));
	return verdict();
}

/* Fills a file in the folder until the room ends, or this many MiB are written. */
static int room(int argc, char **argv)
{
	static char block[1 << 20];
	char path[200];
	int most = atoi(argv[1]);

	snprintf(path, sizeof(path), "%s/fill", argv[0]);
	int fd = open(path, O_CREAT | O_WRONLY, 0600);
	memset(block, 'x', sizeof(block));
	for (int i = 0; i < most; i++)
		if (write(fd, block, sizeof(block)) < 0)
			return !held("write", -1, ERRORS(ENOSPC));
	held("write", 0, ERRORS(ENOSPC));
	return verdict();
}

static int names(int argc, char **argv)
{
	char path[200];
	int most = atoi(argv[1]);

	for (int i = 0; i < most; i++) {
		snprintf(path, sizeof(path), "%s/%d", argv[0], i);
		int fd = open(path, O_CREAT | O_WRONLY, 0600);
		if (fd < 0)
			return !held("a new name", -1, ERRORS(ENOSPC));
		close(fd);
	}
	held("a new name", 0, ERRORS(ENOSPC));
	return verdict();
}

const struct probe probes_of_limits[] = {
	{"forks", forks}, {"open-files", open_files}, {"room", room}, {"names", names},
	{NULL, NULL},
};
