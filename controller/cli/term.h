// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What a terminal gets: colours, only where they are wanted, and foreign text made harmless. */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"

enum term_style {
	TERM_PLAIN,
	TERM_BOLD,
	TERM_DIM,
	TERM_RED,
	TERM_GREEN,
	TERM_YELLOW,
	TERM_CYAN,
};

/* A terminal, TERM is not "dumb", and NO_COLOR is not set (https://no-color.org). */
bool term_wants_colour(FILE *stream);

/* A terminal whose cursor can be moved. */
bool term_can_redraw(FILE *stream);

/* Appends the text, escaped; in this style when `colour` is set. */
void term_append(struct buf *out, bool colour, enum term_style style, const char *text);

/* As term_append, padded with blanks to `width` columns. */
void term_append_cell(struct buf *out, bool colour, enum term_style style, const char *text,
		      size_t width);

/* Columns that the escaped text takes. */
size_t term_width(const char *text);

/* Writes the buffer to the stream, flushes it and empties the buffer. */
void term_flush(struct buf *out, FILE *stream);
