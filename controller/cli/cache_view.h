// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What `capakit cache` prints: a table for people, docs/cli.md says the form of the JSON. */
#include <jansson.h>

#include "base/buf.h"
#include "controller/store/cache.h"

#define CACHE_SIZE_MAX 32

/* "1.2 GiB", "345 MiB", "12 KiB", "7 B". */
void cache_size_text(uint64_t bytes, char text[CACHE_SIZE_MAX]);

void cache_view_text(struct buf *out, bool colour, const struct cache *cache, int64_t now_ms);
json_t *cache_view_json(const struct cache *cache); // a list
