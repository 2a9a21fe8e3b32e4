// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A person who fixes a manifest wants to see all that is wrong with it at once, in the order of the
 * file. A hostile manifest wants to see how much we write to a terminal. So problems are collected
 * first, at most MANIFEST_ERRORS_MAX of them, and every byte is escaped when it is printed.
 */
#include "controller/manifest/problems.h"

#include <jansson.h>
#include <stdarg.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

#define SHOWN_MAX (16 * KIB) // one text, escaped

void manifest_problems_init(struct manifest_problems *problems)
{
	*problems = (struct manifest_problems){0};
}

static void problem_clear(struct manifest_problem *problem)
{
	free(problem->file);
	free(problem->text);
	free(problem->suggestion);
	*problem = (struct manifest_problem){0};
}

void manifest_problems_free(struct manifest_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		problem_clear(&problems->items[i]);
	free(problems->items);
	manifest_problems_init(problems);
}

/* Room for one more; NULL when the list is full of what is as important. */
static struct manifest_problem *problem_slot(struct manifest_problems *problems,
					     enum problem_severity severity)
{
	if (!problems->items)
		problems->items = xcalloc(MANIFEST_ERRORS_MAX, sizeof(*problems->items));
	if (problems->count < MANIFEST_ERRORS_MAX)
		return &problems->items[problems->count++];
	if (severity != PROBLEM_ERROR)
		return NULL;
	for (size_t i = problems->count; i-- > 0;) {
		if (problems->items[i].severity == PROBLEM_WARNING) {
			problem_clear(&problems->items[i]);
			return &problems->items[i];
		}
	}
	return NULL;
}

void manifest_problems_add(struct manifest_problems *problems, enum problem_severity severity,
			   const char *file, struct location at, const char *suggestion,
			   const char *format, ...)
{
	if (severity == PROBLEM_ERROR)
		problems->errors++;
	else
		problems->warnings++;
	struct manifest_problem *slot = problem_slot(problems, severity);
	if (!slot)
		return;

	char *text = NULL;
	va_list args;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort(); // out of memory
	va_end(args);
	*slot = (struct manifest_problem){.file = xstrdup(file),
					  .at = at,
					  .severity = severity,
					  .text = text,
					  .suggestion = xstrdup(suggestion)};
}

static bool stands_after(const struct manifest_problem *a, const struct manifest_problem *b)
{
	if (!str_eq(a->file, b->file))
		return false; // files stay in the order in which they were read
	if (a->at.line != b->at.line)
		return a->at.line > b->at.line;
	return a->at.column > b->at.column;
}

void manifest_problems_sort(struct manifest_problems *problems)
{
	for (size_t i = 1; i < problems->count; i++) {
		struct manifest_problem moved = problems->items[i];
		size_t to = i;
		for (; to > 0 && stands_after(&problems->items[to - 1], &moved); to--)
			problems->items[to] = problems->items[to - 1];
		problems->items[to] = moved;
	}
}

static void print_escaped(FILE *out, const char *text)
{
	auto_buf struct buf shown;
	buf_init(&shown, SHOWN_MAX);
	text_escape(&shown, text, strlen(text));
	fwrite(buf_bytes(&shown), 1, buf_len(&shown), out);
}

static const char *severity_name(enum problem_severity severity)
{
	return severity == PROBLEM_ERROR ? "error" : "warning";
}

static void print_problem(FILE *out, const struct manifest_problem *problem)
{
	print_escaped(out, problem->file);
	if (problem->at.line)
		fprintf(out, ":%u:%u", problem->at.line, problem->at.column);
	fprintf(out, ": %s: ", severity_name(problem->severity));
	print_escaped(out, problem->text);
	fputc('\n', out);
	if (problem->suggestion) {
		fputs("  did you mean \"", out);
		print_escaped(out, problem->suggestion);
		fputs("\"?\n", out);
	}
}

void manifest_problems_print(FILE *out, const struct manifest_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		print_problem(out, &problems->items[i]);
	size_t all = problems->errors + problems->warnings;
	if (all > problems->count)
		fprintf(out, "... and %zu more\n", all - problems->count);
}

/* JSON has only UTF-8; a file name may be anything. */
static json_t *json_text(const char *text)
{
	if (!text)
		return json_null();
	json_t *string = json_string(text);
	if (string)
		return string;
	auto_buf struct buf shown;
	buf_init(&shown, SHOWN_MAX);
	text_escape(&shown, text, strlen(text));
	auto_free char *escaped = buf_take_str(&shown);
	return json_string(escaped);
}

char *manifest_problems_json(const struct manifest_problems *problems)
{
	json_t *list = json_array();
	for (size_t i = 0; i < problems->count; i++) {
		const struct manifest_problem *problem = &problems->items[i];
		json_t *entry = json_object();
		json_object_set_new(entry, "file", json_text(problem->file));
		json_object_set_new(entry, "line", json_integer(problem->at.line));
		json_object_set_new(entry, "column", json_integer(problem->at.column));
		json_object_set_new(entry, "severity",
				    json_string(severity_name(problem->severity)));
		json_object_set_new(entry, "text", json_text(problem->text));
		json_object_set_new(entry, "suggestion", json_text(problem->suggestion));
		json_array_append_new(list, entry);
	}
	char *text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}
