// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What `capakit secret list` shows: the names that a manifest declares beside what the store has.
 * A name that is stored and not declared any more is shown too, so that it can be removed.
 */
#include "controller/cli/secret_view.h"

#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/cli/term.h"

/* One line of the list: a secret that is declared, or stored, or both. */
struct row {
	const char *name;
	const struct manifest_secret *declared; // NULL: only stored
	const struct secret_entry *stored;	// NULL: not set
};

static const struct secret_entry *find_stored(const struct secret_view *view, const char *name)
{
	for (size_t i = 0; i < view->n_entries; i++)
		if (str_eq(view->entries[i].name, name))
			return &view->entries[i];
	return NULL;
}

/* Those that are declared, as they stand in the manifest, then what else is stored. */
static struct row *make_rows(const struct secret_view *view, size_t *n_rows)
{
	const struct manifest *manifest = view->manifest;
	struct row *rows = xcalloc(manifest->n_secrets + view->n_entries + 1, sizeof(*rows));

	*n_rows = 0;
	for (size_t i = 0; i < manifest->n_secrets; i++)
		rows[(*n_rows)++] = (struct row){
			.name = manifest->secrets[i].key,
			.declared = &manifest->secrets[i],
			.stored = find_stored(view, manifest->secrets[i].key),
		};
	for (size_t i = 0; i < view->n_entries; i++)
		if (!manifest_secret(manifest, view->entries[i].name))
			rows[(*n_rows)++] = (struct row){
				.name = view->entries[i].name,
				.stored = &view->entries[i],
			};
	return rows;
}

static const char *row_use(const struct row *row)
{
	if (!row->declared)
		return "not declared";
	return row->declared->required ? "required" : "optional";
}

static void set_at_text(const struct row *row, char text[32])
{
	time_t at = row->stored ? (time_t)row->stored->set_at : 0;
	struct tm local;

	text[0] = '\0';
	if (row->stored && localtime_r(&at, &local))
		strftime(text, 32, "%Y-%m-%d %H:%M", &local);
}

static void append_row(struct buf *out, bool colour, const struct row *row, size_t width)
{
	bool wanted = !row->stored && row->declared->required;
	char at[32];

	set_at_text(row, at);
	term_append_cell(out, colour, TERM_BOLD, row->name, width);
	term_append_cell(out, colour,
			 wanted	       ? TERM_RED
			 : row->stored ? TERM_GREEN
				       : TERM_DIM,
			 row->stored ? "set" : "missing", 9);
	term_append_cell(out, colour, TERM_PLAIN, row_use(row), 14);
	term_append_cell(out, colour, TERM_PLAIN, at, 18);
	term_append(out, colour, TERM_DIM,
		    row->declared && row->declared->description ? row->declared->description : "");
	(void)buf_append_str(out, "\n");
}

void secret_view_table(const struct secret_view *view)
{
	size_t n_rows;
	auto_free struct row *rows = make_rows(view, &n_rows);
	bool colour = term_wants_colour(stdout);
	size_t width = sizeof("NAME");
	auto_buf struct buf out = {.max = MIB};

	if (n_rows == 0) {
		fprintf(stderr, "the Kit %s declares no secrets\n", view->manifest->name);
		return;
	}
	for (size_t i = 0; i < n_rows; i++)
		if (term_width(rows[i].name) + 2 > width)
			width = term_width(rows[i].name) + 2;
	term_append_cell(&out, false, TERM_PLAIN, "NAME", width);
	(void)buf_append_str(&out, "VALUE    USE           SET AT            DESCRIPTION\n");
	for (size_t i = 0; i < n_rows; i++)
		append_row(&out, colour, &rows[i], width);
	term_flush(&out, stdout);
}

static json_t *row_json(const struct row *row)
{
	const char *description = row->declared ? row->declared->description : NULL;
	json_t *object = json_object();

	json_object_set_new(object, "name", json_string(row->name));
	json_object_set_new(object, "description",
			    description ? json_string(description) : json_null());
	json_object_set_new(object, "declared", json_boolean(row->declared));
	json_object_set_new(object, "required",
			    json_boolean(row->declared && row->declared->required));
	json_object_set_new(object, "set", json_boolean(row->stored));
	json_object_set_new(object, "set_at_unix",
			    row->stored ? json_integer(row->stored->set_at) : json_null());
	return object;
}

void secret_view_json(const struct secret_view *view)
{
	size_t n_rows;
	auto_free struct row *rows = make_rows(view, &n_rows);
	json_t *document = json_object();
	json_t *list = json_array();

	for (size_t i = 0; i < n_rows; i++)
		json_array_append_new(list, row_json(&rows[i]));
	json_object_set_new(document, "kit", json_string(view->manifest->name));
	json_object_set_new(document, "identity", json_string(view->identity));
	json_object_set_new(document, "secrets", list);
	json_dumpf(document, stdout, JSON_INDENT(2));
	fputc('\n', stdout);
	json_decref(document);
}
