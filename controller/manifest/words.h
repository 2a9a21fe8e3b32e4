// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A command line as a POSIX shell splits it into words (Shell Command Language, sections 2.2 and
 * 2.3), without a shell: quotes and backslashes mean what they mean there, and whatever a shell
 * would act upon (variables, pipes, patterns, ...) is an error, since nobody is there to act.
 */
#include <stdbool.h>
#include <stddef.h>

#define WORDS_MAX 512

struct words_fault {
	size_t offset; // of the byte at fault
	char text[160];
};

/* *words is NULL-terminated, one allocation per word; the caller frees with words_free. */
bool words_split(const char *text, char ***words, size_t *count, struct words_fault *fault);
void words_free(char ***words);
