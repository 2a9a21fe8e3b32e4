// SPDX-License-Identifier: GPL-3.0-or-later
/* The entries of the store, for people and for machines; names in their records come from Kits. */
#include "controller/cli/cache_view.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/cli/json_out.h"
#include "controller/cli/table.h"

enum { KEY_SHOWN = 12 };

void cache_size_text(uint64_t bytes, char text[CACHE_SIZE_MAX])
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes / (double)KIB;
	size_t unit = 0;
	if (bytes < KIB) {
		snprintf(text, CACHE_SIZE_MAX, "%" PRIu64 " B", bytes);
		return;
	}
	for (; value >= (double)KIB && unit + 1 < array_len(units); unit++)
		value /= (double)KIB;
	snprintf(text, CACHE_SIZE_MAX, value < 10 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static void age_text(int64_t used_ms, int64_t now_ms, char *text, size_t room)
{
	int64_t minutes = (now_ms - used_ms) / 60000;
	if (minutes < 1)
		snprintf(text, room, "now");
	else if (minutes < 60)
		snprintf(text, room, "%" PRId64 " min ago", minutes);
	else if (minutes < 48 * 60)
		snprintf(text, room, "%" PRId64 " h ago", minutes / 60);
	else
		snprintf(text, room, "%" PRId64 " days ago", minutes / (24 * 60));
}

static void fill_row(struct cell *row, const struct cache_entry *entry, int64_t now_ms)
{
	char text[CELL_MAX];
	cell_set(&row[0], TERM_PLAIN, store_kind_name(entry->kind));
	snprintf(text, sizeof(text), "%.*s", KEY_SHOWN, entry->key);
	cell_set(&row[5], TERM_DIM, text);
	if (!entry->whole) {
		cell_set(&row[2], TERM_YELLOW, "not whole; made again when it is needed");
		return;
	}
	cell_set(&row[1], TERM_BOLD, entry->record.kit);
	cell_set(&row[2], TERM_PLAIN, entry->record.what);
	cache_size_text(entry->record.bytes, text);
	cell_set(&row[3], TERM_PLAIN, text);
	age_text(entry->record.used_ms, now_ms, text, sizeof(text));
	cell_set(&row[4], entry->in_use ? TERM_GREEN : TERM_PLAIN, entry->in_use ? "in use" : text);
}

void cache_view_text(struct buf *out, bool colour, const struct cache *cache, int64_t now_ms)
{
	static const char *const titles[] = {"KIND", "KIT", "WHAT", "SIZE", "LAST USE", "KEY"};
	struct table table;
	char size[CACHE_SIZE_MAX];
	table_init(&table, titles, array_len(titles), cache->count);
	for (size_t i = 0; i < cache->count; i++)
		fill_row(table.cells[i + 1], &cache->entries[i], now_ms);
	table_print(&table, out, colour, NULL);
	cache_size_text(cache_bytes(cache), size);
	(void)buf_printf(out, "\n%zu kept, %s\n", cache->count, size);
}

static json_t *entry_json(const struct cache_entry *entry)
{
	const struct store_record *record = &entry->record;
	json_t *object = json_object();
	json_put(object, "kind", json_string(store_kind_name(entry->kind)));
	json_put(object, "key", json_escaped(entry->key));
	json_put(object, "whole", json_boolean(entry->whole));
	json_put(object, "in_use", json_boolean(entry->in_use));
	json_put(object, "kit", json_escaped(record->kit));
	json_put(object, "what", json_escaped(record->what));
	json_put(object, "files", json_integer((json_int_t)record->files));
	json_put(object, "bytes", json_integer((json_int_t)record->bytes));
	json_put(object, "made_unix_ms", entry->whole ? json_integer(record->made_ms) : NULL);
	json_put(object, "used_unix_ms", entry->whole ? json_integer(record->used_ms) : NULL);
	return object;
}

json_t *cache_view_json(const struct cache *cache)
{
	json_t *list = json_array();
	for (size_t i = 0; i < cache->count; i++)
		json_array_append_new(list, entry_json(&cache->entries[i]));
	return list;
}
