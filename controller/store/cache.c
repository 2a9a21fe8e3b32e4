// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * While the store is locked no `up` is between looking an entry up and saying that it uses it, so
 * that what is taken out then is taken from nobody. Deleting comes after, without the lock.
 */
#include "controller/store/cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/mem.h"
#include "controller/store/uses.h"

static void add(struct cache *cache, struct cache_entry entry)
{
	cache->entries = xreallocarray(cache->entries, cache->count + 1, sizeof(*cache->entries));
	cache->entries[cache->count++] = entry;
}

static void read_entry(int state, enum store_kind kind, const char *key,
		       const struct store_uses *uses, struct cache *cache)
{
	struct cache_entry entry = {.kind = kind,
				    .key = xstrdup(key),
				    .in_use = uses_has(uses, store_folder(kind), key)};
	struct err ignored;
	auto_fd int folder = store_open_entry(state, kind, key, &ignored);
	entry.whole = folder >= 0 && record_read(folder, &entry.record);
	if (!entry.whole)
		record_free(&entry.record);
	add(cache, entry);
}

static void read_kind(int state, enum store_kind kind, const struct store_uses *uses,
		      struct cache *cache)
{
	DIR *list = store_list(state, kind);
	if (!list)
		return; // nothing of the kind was kept yet
	for (struct dirent *entry; (entry = readdir(list));)
		if (entry->d_name[0] != '.')
			read_entry(state, kind, entry->d_name, uses, cache);
	closedir(list);
}

static int by_kind_and_use(const void *a, const void *b)
{
	const struct cache_entry *left = a, *right = b;
	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	if (left->record.used_ms != right->record.used_ms)
		return left->record.used_ms > right->record.used_ms ? -1 : 1;
	return strcmp(left->key, right->key);
}

bool cache_read(int state, struct cache *cache, struct err *err)
{
	struct store_uses uses = {0};
	*cache = (struct cache){0};
	bool ok = uses_read_all(state, &uses, err);
	for (enum store_kind kind = 0; ok && kind < STORE_KINDS; kind++)
		read_kind(state, kind, &uses, cache);
	if (cache->count)
		qsort(cache->entries, cache->count, sizeof(*cache->entries), by_kind_and_use);
	uses_free(&uses);
	return ok;
}

static void free_entry(struct cache_entry *entry)
{
	free(entry->key);
	record_free(&entry->record);
}

void cache_free(struct cache *cache)
{
	for (size_t i = 0; i < cache->count; i++)
		free_entry(&cache->entries[i]);
	free(cache->entries);
	*cache = (struct cache){0};
}

uint64_t cache_bytes(const struct cache *cache)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < cache->count; i++)
		bytes += cache->entries[i].record.bytes;
	return bytes;
}

bool cache_may_go(const struct cache_entry *entry, const struct cache_age *age)
{
	return !entry->in_use &&
	       (age->all || !entry->whole || entry->record.used_ms < age->before_ms);
}

/* Takes the entries out; those that are not to go are freed. */
static bool discard(int state, const struct cache_age *age, struct cache *all,
		    struct cache *removed, struct err *err)
{
	bool ok = true;
	for (size_t i = 0; i < all->count; i++) {
		struct cache_entry *entry = &all->entries[i];
		ok = ok && (!cache_may_go(entry, age) ||
			    store_discard(state, entry->kind, entry->key, err));
		if (ok && cache_may_go(entry, age))
			add(removed, *entry);
		else
			free_entry(entry);
	}
	all->count = 0;
	return ok;
}

bool cache_prune(int state, const struct cache_age *age, struct cache *removed, struct err *err)
{
	struct cache all;
	*removed = (struct cache){0};
	auto_fd int lock = store_lock_exclusive(state, err);
	bool ok = lock >= 0 && cache_read(state, &all, err);
	if (!ok)
		return false;
	ok = discard(state, age, &all, removed, err);
	cache_free(&all);
	fd_close(&lock);
	return ok && store_sweep(state, err);
}
