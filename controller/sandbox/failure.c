// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Why nothing, or not the command, was executed. The controller hears it over a pipe of its own,
 * since what comes over standard error may be the workload's words; people read standard error.
 * One descriptor for the whole program, which it is closed in as soon as the command is executed.
 */
#include "controller/sandbox/parts.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"

static int channel = -1;

void failure_open(void)
{
	channel = fcntl(FAILURE_FD, F_GETFD) < 0 ? -1 : FAILURE_FD;
}

int failure_channel(void)
{
	return channel;
}

/* With nothing from the heap, since the limit of data may be that of the command already. */
void failure_say(const struct err *err)
{
	char line[sizeof(err->text) + 32];
	int len = snprintf(line, sizeof(line), "capakit-sandbox: %s\n", err->text);

	(void)!write(STDERR_FILENO, line, (size_t)len);
	if (channel >= 0)
		(void)!write(channel, err->text, strlen(err->text));
}
