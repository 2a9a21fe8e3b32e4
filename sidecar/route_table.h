// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Which of many paths a request belongs to: the longest that it lies at or below, by whole
 * segments, byte for byte. "/oaic" covers "/oaic", "/oaic/" and "/oaic/x", not "/oaicx"; a slash at
 * a path's end says nothing more, and "/" covers all. What a question costs grows with the
 * logarithm of their number and with how deep they lie in each other.
 */
#include <stdbool.h>
#include <stddef.h>

#include "sidecar/http.h"

#define ROUTE_NONE ((size_t)-1)

struct route_entry;

struct route_table {
	struct route_entry *entries; // in the order of their paths
	size_t n;
};

/* Copies no text: each of `paths` has to outlive it, the array need not. Of two that cover the
 * same, the longer or later wins.
 */
void route_table_init(struct route_table *table, const char *const *paths, size_t n);
void route_table_free(struct route_table *table);

/* The index among the paths it was made of, or ROUTE_NONE. `path` is without a query. */
size_t route_table_find(const struct route_table *table, struct http_text path);

/* Is there this very path? */
bool route_table_has(const struct route_table *table, const char *path);
