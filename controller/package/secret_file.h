// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Files that look as if they held somebody's keys or passwords. Such a file has no place in what
 * is given to others, whatever the Kit's .gitignore says. Pure.
 */
#include <stdbool.h>
#include <stddef.h>

/* Why, in a few words, by the name alone; NULL: it does not look so. `name` has no '/'. */
const char *secret_file_by_name(const char *name, bool folder);

/* The same by its first bytes, of which SECRET_FILE_LOOK are enough. */
const char *secret_file_by_content(const char *name, const char *data, size_t len);

#define SECRET_FILE_LOOK 4096
