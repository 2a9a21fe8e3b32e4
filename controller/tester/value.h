// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * JSON values made of foreign bytes, and texts made of values. Pure. Every text is well-formed
 * UTF-8, whatever the bytes were; showing it to a person still needs escaping.
 */
#include <jansson.h>
#include <stddef.h>

#include "controller/manifest/manifest.h"

/* What is selected, owned by `root`; NULL: there is no such thing. */
const json_t *value_select(const json_t *root, const struct manifest_selector *selector);

/* A text; bytes that are no UTF-8 become U+FFFD. Never NULL. */
json_t *value_from_bytes(const void *data, size_t len);

/* The JSON value that the bytes are, else NULL. */
json_t *value_from_json(const void *data, size_t len);

/* As compact JSON, at most about `max` bytes and marked when it was cut. The caller frees. */
char *value_text(const json_t *value, size_t max);

/* Equal as JSON values; 1 and 1.0 are the same number. */
bool value_equal(const json_t *a, const json_t *b);

/* Of a text in characters, of a list or an object in members; false: it has none. */
bool value_length(const json_t *value, size_t *length);

/* "string", "number", "boolean", "object", "array", "null". */
const char *value_type(const json_t *value);
