// SPDX-License-Identifier: GPL-3.0-or-later
/* Tables, as several commands print them; see table.h. */
#include "controller/cli/table.h"

#include <stdio.h>

#include "base/mem.h"

void table_init(struct table *table, const char *const *titles, size_t columns, size_t rows)
{
	table->columns = columns;
	table->rows = rows + 1;
	table->cells = xcalloc(table->rows, sizeof(*table->cells));
	for (size_t i = 0; i < columns; i++) {
		(void)snprintf(table->cells[0][i].text, CELL_MAX, "%s", titles[i]);
		table->cells[0][i].style = TERM_DIM;
	}
}

void cell_set(struct cell *cell, enum term_style style, const char *text)
{
	(void)snprintf(cell->text, sizeof(cell->text), "%s", text);
	cell->style = style;
}

void cell_set_number(struct cell *cell, int64_t number)
{
	(void)snprintf(cell->text, sizeof(cell->text), "%lld", (long long)number);
}

static size_t column_width(const struct table *table, size_t column)
{
	size_t width = 0;

	for (size_t row = 0; row < table->rows; row++) {
		size_t own = term_width(table->cells[row][column].text);

		width = own > width ? own : width;
	}
	return width;
}

void table_print(struct table *table, struct buf *out, bool colour, char *const *notes)
{
	size_t width[COLUMNS_MAX];

	for (size_t column = 0; column < table->columns; column++)
		width[column] = column + 1 < table->columns ? column_width(table, column) : 0;
	for (size_t row = 0; row < table->rows; row++) {
		for (size_t column = 0; column < table->columns; column++) {
			const struct cell *cell = &table->cells[row][column];

			(void)buf_append_str(out, "  ");
			term_append_cell(out, colour, cell->style, cell->text, width[column]);
		}
		(void)buf_append_str(out, "\n");
		if (row > 0 && notes && notes[row - 1] && *notes[row - 1]) {
			(void)buf_append_str(out, "      ");
			term_append(out, colour, TERM_YELLOW, notes[row - 1]);
			(void)buf_append_str(out, "\n");
		}
	}
	free(table->cells);
}
