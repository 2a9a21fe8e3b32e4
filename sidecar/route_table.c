// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Paths are sorted with the slash before every other byte: then all that lie below one follow it
 * without a gap, and the last path that does not come behind what is looked for is either the
 * longest that covers it or lies below that one. Each knows the longest other that covers it.
 */
#include "sidecar/route_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct route_entry {
	struct http_text path; // without a slash at its end, so that "/" is empty
	const char *whole;
	size_t index;
	size_t above; // the entry that covers it; ROUTE_NONE: none does
};

static struct http_text without_last_slash(const char *path)
{
	struct http_text text = http_text_of(path);

	if (text.len && text.data[text.len - 1] == '/')
		text.len--;
	return text;
}

static int rank(char c)
{
	return c == '/' ? 0 : (unsigned char)c;
}

static int compare(struct http_text a, struct http_text b)
{
	size_t shorter = a.len < b.len ? a.len : b.len, same = 0;

	while (same < shorter && a.data[same] == b.data[same])
		same++;
	if (same < shorter)
		return rank(a.data[same]) - rank(b.data[same]);
	return (a.len > b.len) - (a.len < b.len);
}

/* The one that wins comes last. */
static int compare_entries(const void *one, const void *other)
{
	const struct route_entry *a = one, *b = other;
	int paths = compare(a->path, b->path);
	size_t a_len = strlen(a->whole), b_len = strlen(b->whole);

	if (paths)
		return paths;
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return a->index < b->index ? -1 : 1;
}

static bool covers(const struct route_entry *entry, struct http_text path)
{
	size_t len = entry->path.len;

	return len <= path.len && memcmp(entry->path.data, path.data, len) == 0 &&
	       (len == path.len || path.data[len] == '/');
}

/* From entry `at` upwards. */
static size_t first_that_covers(const struct route_table *table, size_t at, struct http_text path)
{
	while (at != ROUTE_NONE && !covers(&table->entries[at], path))
		at = table->entries[at].above;
	return at;
}

void route_table_init(struct route_table *table, const char *const *paths, size_t n)
{
	*table = (struct route_table){.entries = xcalloc(n + 1, sizeof(*table->entries)), .n = n};
	for (size_t i = 0; i < n; i++)
		table->entries[i] = (struct route_entry){
			.path = without_last_slash(paths[i]), .whole = paths[i], .index = i};
	qsort(table->entries, n, sizeof(*table->entries), compare_entries);
	for (size_t i = 0; i < n; i++)
		table->entries[i].above =
			first_that_covers(table, i ? i - 1 : ROUTE_NONE, table->entries[i].path);
}

void route_table_free(struct route_table *table)
{
	free(table->entries);
	*table = (struct route_table){0};
}

/* The last entry that does not come behind `path`. */
static size_t last_before(const struct route_table *table, struct http_text path)
{
	size_t from = 0, to = table->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (compare(table->entries[middle].path, path) <= 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from ? from - 1 : ROUTE_NONE;
}

size_t route_table_find(const struct route_table *table, struct http_text path)
{
	size_t at = first_that_covers(table, last_before(table, path), path);

	return at == ROUTE_NONE ? ROUTE_NONE : table->entries[at].index;
}

bool route_table_has(const struct route_table *table, const char *path)
{
	struct http_text text = without_last_slash(path);
	size_t at = last_before(table, text);

	for (; at != ROUTE_NONE && compare(table->entries[at].path, text) == 0;
	     at = at ? at - 1 : ROUTE_NONE)
		if (strcmp(table->entries[at].whole, path) == 0)
			return true;
	return false;
}
