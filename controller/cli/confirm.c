// SPDX-License-Identifier: GPL-3.0-or-later
/* What a person has to know of before it starts; see confirm.h. */
#include "controller/cli/confirm.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "controller/app/plan_consent.h"
#include "controller/cli/ask.h"
#include "controller/cli/term.h"

#define TITLE                                                                                      \
	"phases with both a way out and folders of this machine could send away what they read "   \
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

static bool ask(struct err *err)
{
	bool yes;
	if (!ask_yes("Go on? [y/N] ", &yes, err))
		return false;
	return yes || err_set(err, ERR_DENIED, "not confirmed; nothing was started");
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
	if (ask_is_possible())
		return ask(err);
	return err_set(err, ERR_USAGE,
		       "this has to be confirmed, and there is no terminal to ask on; give --yes");
}
