// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The event loop has taken over the signals that interrupt, and starts a read again that they
 * interrupted. So a question waits in ppoll(2), the only place where they may arrive meanwhile.
 */
#include "controller/cli/ask.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

bool ask_is_possible(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* False: one of the signals that interrupt came first. */
static bool wait_for_input(void)
{
	sigset_t all, meanwhile, before;
	sigfillset(&all);
	sigfillset(&meanwhile);
	sigdelset(&meanwhile, SIGINT);
	sigdelset(&meanwhile, SIGTERM);
	sigdelset(&meanwhile, SIGHUP);
	sigprocmask(SIG_BLOCK, &all, &before);
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	int n = ppoll(&input, 1, NULL, &meanwhile);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return n > 0;
}

bool ask_line(const char *question, char *line, size_t size, struct err *err)
{
	fprintf(stderr, "%s", question);
	ssize_t n = wait_for_input() ? read(STDIN_FILENO, line, size - 1) : 0;
	if (n <= 0) {
		fprintf(stderr, "\n");
		return err_set(err, ERR_CANCELLED, "interrupted");
	}
	line[n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return true;
}

bool ask_yes(const char *question, bool *yes, struct err *err)
{
	char line[64];
	if (!ask_line(question, line, sizeof(line), err))
		return false;
	*yes = strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0;
	return true;
}
