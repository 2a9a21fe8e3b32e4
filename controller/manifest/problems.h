// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What is wrong with a manifest: a bounded list (MANIFEST_ERRORS_MAX; further ones are counted),
 * each with the place in the file. Texts are kept as they are and may quote foreign bytes; they
 * are escaped where they are shown.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Both from 1, columns in characters; line 0 means the file as a whole. */
struct location {
	uint32_t line;
	uint32_t column;
};

enum problem_severity { PROBLEM_ERROR, PROBLEM_WARNING };

struct manifest_problem {
	char *file;
	struct location at;
	enum problem_severity severity;
	char *text;
	char *suggestion; // what was probably meant, or NULL
};

struct manifest_problems {
	struct manifest_problem *items;
	size_t count;	 // of items
	size_t errors;	 // of all, also of those that found no room
	size_t warnings; // as above
};

void manifest_problems_init(struct manifest_problems *problems);
void manifest_problems_free(struct manifest_problems *problems); // may be called twice

/* The texts are copied; `suggestion` may be NULL. Errors take the place of warnings when full. */
void manifest_problems_add(struct manifest_problems *problems, enum problem_severity severity,
			   const char *file, struct location at, const char *suggestion,
			   const char *format, ...) __attribute__((format(printf, 6, 7)));

/* By file and place, errors and warnings mixed as they stand in the file. */
void manifest_problems_sort(struct manifest_problems *problems);

/*
 * One problem a line, `file:line:column: error: text`, and under it `  did you mean "x"?` where
 * there is a suggestion. Control characters are escaped.
 */
void manifest_problems_print(FILE *out, const struct manifest_problems *problems);

/*
 * A JSON array of {file, line, column, severity, text, suggestion}, text as it was but invalid
 * UTF-8 escaped. The caller frees.
 */
char *manifest_problems_json(const struct manifest_problems *problems);
