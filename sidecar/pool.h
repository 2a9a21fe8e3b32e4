// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The memory that this process holds for its peers, as one counted pool: queues of bytes, heads,
 * streams, connections, HTTP/2 sessions. Counting is an addition when memory is got or given back,
 * never one per byte. The more is held, the less each stream may hold; from POOL_FULL on new
 * requests are refused, and beyond POOL_MAX whoever has stalled longest is cut.
 * One a process, no threads.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/limits.h"

#define POOL_REASON "this sidecar holds too much for readers that are slow"

/* Somebody for whom bytes are held: a stream, a session. Embedded in its owner. */
struct pool_member;

struct pool_member_ops {
	size_t (*waiting)(struct pool_member *member); // bytes that nobody takes for now
	/* Gives them back at once, at the price of the request or the connection. */
	void (*cut)(struct pool_member *member);
	/* All that is said on a connection: cut only when nothing of it is under way
	 * (pool_relieve). */
	bool whole;
};

struct pool_member {
	LIST_ENTRY(pool_member) next;
	const struct pool_member_ops *ops;
	uint64_t since; // when bytes were last taken, or began to wait; loop_now
};

extern size_t pool_held; // bytes

void pool_join(struct pool_member *member, const struct pool_member_ops *ops, uint64_t now);
void pool_leave(struct pool_member *member);

static inline void pool_add(size_t bytes)
{
	pool_held += bytes;
}
static inline void pool_sub(size_t bytes)
{
	pool_held -= bytes;
}

/* As buf_init, and counted. */
void pool_buf_init(struct buf *buf, size_t max);

/* There is so much room that nobody needs to save. */
static inline bool pool_is_roomy(void)
{
	return pool_held < POOL_ROOMY;
}

/* How much may be held of one direction of a stream for now. */
static inline size_t pool_window(void)
{
	if (pool_is_roomy())
		return STREAM_WINDOW_WIDE;
	return pool_held < POOL_TIGHT ? STREAM_WINDOW : STREAM_WINDOW_TIGHT;
}

/* True: there is room for one more request, if need be made by cutting streams that have stalled.
 */
bool pool_admits(uint64_t now);

/* No session may begin a stream, and nothing be accepted, until some memory has come back. */
static inline bool pool_is_over(void)
{
	return pool_held > POOL_MAX;
}

/* Between two turns of the loop: back below POOL_MAX. */
void pool_relieve(uint64_t now);
