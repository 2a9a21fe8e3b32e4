// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Server-sent events (HTML Living Standard, section 9.2.6), fed in pieces as they arrive. Pure.
 * What one event may hold is bounded by TEST_REPLY_MAX.
 */
#include <stdint.h>

#include "base/buf.h"

struct sse {
	struct buf line;
	struct buf data; // of the event at hand, lines joined by LF
	bool has_data;
	char last_id[256]; // of the last event that had one; longer ones are ignored
	uint64_t retry_ms; // what the server asked for; 0: nothing
	bool after_cr;	   // a LF that follows belongs to that line's end
	bool begun;	   // a byte order mark has no place any more
};

/* An event is complete; `data` is good during the call. False: no more, please. */
typedef bool sse_event_fn(void *owner, const char *data, size_t len);

void sse_init(struct sse *sse);
void sse_free(struct sse *sse);

/* False: an event is too long, or `event` said so. */
bool sse_feed(struct sse *sse, const char *bytes, size_t len, sse_event_fn *event, void *owner);
