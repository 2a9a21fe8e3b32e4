// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* How a process ended: in words ("exited with status 1", "was ended by signal 9 (Killed)"), and as
 * the one number that a shell makes of it. Pure. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define EXIT_TEXT_MAX 64

static inline void exit_text(int wait_status, char text[EXIT_TEXT_MAX])
{
	int status = WEXITSTATUS(wait_status);
	if (WIFSIGNALED(wait_status))
		snprintf(text, EXIT_TEXT_MAX, "was ended by signal %d (%s)", WTERMSIG(wait_status),
			 strsignal(WTERMSIG(wait_status)));
	else if (status > 128) // a sandbox says so of its command
		snprintf(text, EXIT_TEXT_MAX, "was ended by signal %d (%s)", status - 128,
			 strsignal(status - 128));
	else
		snprintf(text, EXIT_TEXT_MAX, "exited with status %d", status);
}

static inline int exit_code(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}
