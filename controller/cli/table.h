// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* A table for people: a column is as wide as its widest cell, and all text is escaped. */
#include <stdint.h>

#include "controller/cli/term.h"

enum { COLUMNS_MAX = 8, CELL_MAX = 160 };

struct cell {
	char text[CELL_MAX]; // longer texts are cut
	enum term_style style;
};

struct table {
	size_t columns, rows;
	struct cell (*cells)[COLUMNS_MAX]; // the first row has the titles
};

void table_init(struct table *table, const char *const *titles, size_t columns, size_t rows);
void cell_set(struct cell *cell, enum term_style style, const char *text);
void cell_set_number(struct cell *cell, int64_t number);

/* Prints the table and frees it; `notes` may give a line below each row. */
void table_print(struct table *table, struct buf *out, bool colour, char *const *notes);
