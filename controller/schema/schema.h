// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * JSON Schemas (draft 2020-12) of the manifest, of capability-test.yml and of what each command
 * prints with --json: the files in schemas/, built in. A command's is called as it is typed, with
 * '-' between its words.
 */
#include <stddef.h>

#include "base/embedded.h"

/* The one of this name; "validate" will do for "kit-validate". NULL: there is none. */
const struct embedded_file *schema_find(const char *name);

/* Those that there are, ordered by name; the array ends with NULL. */
const struct embedded_file *schema_at(size_t index);

/* The name without its ".json"; the caller frees. */
char *schema_name(const struct embedded_file *schema);
