// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The event loop has taken over the signals that interrupt, and starts a read again that they
 * interrupted. So the question waits in ppoll(2), the only place where they may arrive meanwhile.
 */
#include "controller/cli/confirm.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "controller/app/plan_consent.h"
#include "controller/cli/term.h"

#define TITLE                                                                                      \
	"phases with both a network and folders of this machine could send away what they read "   \
	"there"

/* Whole lines, each escaped: paths and names may hold anything. */
static void say(const char *text)
{
	auto_buf struct buf out;
	bool colour = term_wants_colour(stderr);
	buf_init(&out, 4 * MIB);
	term_append(&out, colour, TERM_YELLOW, "[!]");
	term_append(&out, colour, TERM_PLAIN, " " TITLE);
	buf_append_str(&out, "\n");
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		auto_free char *copy = xstrndup(line, len);
		term_append(&out, colour, TERM_PLAIN, copy);
		buf_append_str(&out, "\n");
		line += len + (line[len] != '\0');
	}
	term_flush(&out, stderr);
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

/* What was typed up to Enter; nothing at all is no. */
static bool ask(struct err *err)
{
	char line[64];
	fprintf(stderr, "Go on? [y/N] ");
	if (!wait_for_input()) {
		fprintf(stderr, "\n");
		return err_set(err, ERR_CANCELLED, "interrupted");
	}
	ssize_t n = read(STDIN_FILENO, line, sizeof(line) - 1);
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	if (strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0)
		return true;
	return err_set(err, ERR_DENIED, "not confirmed; nothing was started");
}

bool confirm_plan(const struct plan *plan, bool yes, struct err *err)
{
	auto_buf struct buf text;
	buf_init(&text, MIB);
	if (!plan_consent(plan, &text) || !buf_append(&text, "", 1))
		return err_set(err, ERR_LIMIT, "too much to confirm");
	if (buf_len(&text) == 1)
		return true;
	say((const char *)buf_bytes(&text));
	if (yes)
		return true;
	if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
		return ask(err);
	return err_set(err, ERR_USAGE,
		       "this has to be confirmed, and there is no terminal to ask on; give --yes");
}
