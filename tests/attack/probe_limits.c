// SPDX-License-Identifier: GPL-3.0-or-later
/* Attacks that use things up: room and names in a tmpfs. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	{"room", room},
	{"names", names},
	{NULL, NULL},
};
