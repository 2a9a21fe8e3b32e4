// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Output for people. Names, paths and log lines may come from a hostile Kit or workload, so all
 * text passes text_escape on its way to a terminal; only the styles of this table add escapes.
 */
#include "controller/cli/term.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

static const char *const STYLES[] = {
	[TERM_PLAIN] = "",	  [TERM_BOLD] = "\033[1m",   [TERM_DIM] = "\033[2m",
	[TERM_RED] = "\033[31m",  [TERM_GREEN] = "\033[32m", [TERM_YELLOW] = "\033[33m",
	[TERM_CYAN] = "\033[36m",
};

bool term_wants_colour(FILE *stream)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (no_colour && *no_colour)
		return false;
	return isatty(fileno(stream)) && !str_eq(term, "dumb");
}

bool term_can_redraw(FILE *stream)
{
	const char *term = getenv("TERM");

	return isatty(fileno(stream)) && term && *term && !str_eq(term, "dumb");
}

void term_append(struct buf *out, bool colour, enum term_style style, const char *text)
{
	bool styled = colour && style != TERM_PLAIN;

	if (styled)
		(void)buf_append_str(out, STYLES[style]);
	(void)text_escape(out, text, strlen(text));
	if (styled)
		(void)buf_append_str(out, "\033[0m");
}

size_t term_width(const char *text)
{
	auto_buf struct buf escaped;
	size_t width = 0;

	buf_init(&escaped, MIB);
	(void)text_escape(&escaped, text, strlen(text));
	for (size_t i = 0; i < buf_len(&escaped); i++)
		width += (buf_bytes(&escaped)[i] & 0xc0) != 0x80; // first bytes of UTF-8 characters
	return width;
}

void term_append_cell(struct buf *out, bool colour, enum term_style style, const char *text,
		      size_t width)
{
	size_t own = term_width(text);

	term_append(out, colour, style, text);
	for (; own < width; own++)
		(void)buf_append_str(out, " ");
}

void term_flush(struct buf *out, FILE *stream)
{
	(void)fwrite(buf_bytes(out), 1, buf_len(out), stream);
	(void)fflush(stream);
	buf_clear(out);
}
