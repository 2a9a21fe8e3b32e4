// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What the store holds, and taking out of it what nobody needs. */
#include "controller/store/record.h"
#include "controller/store/store.h"

struct cache_entry {
	enum store_kind kind;
	char *key;
	bool whole; // else it is not used, and `record` says nothing
	bool in_use;
	struct store_record record;
};

struct cache {
	struct cache_entry *entries;
	size_t count;
};

/* All entries, by kind, and of each kind the one used last first. `state` is the open folder. */
must_check bool cache_read(int state, struct cache *cache, struct err *err);
void cache_free(struct cache *cache);
uint64_t cache_bytes(const struct cache *cache);

struct cache_age {
	bool all;	   // what no running app uses, however new
	int64_t before_ms; // else what was used last before then; wall clock
};

/* What an app uses never may; what is not whole always. Pure. */
bool cache_may_go(const struct cache_entry *entry, const struct cache_age *age);

/* Takes out what may go and deletes it; `removed` gets what that was. */
must_check bool cache_prune(int state, const struct cache_age *age, struct cache *removed,
			    struct err *err);
