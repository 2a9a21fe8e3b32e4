// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A byte queue with a maximum that is given when it is made: appended at the end, consumed from
 * the front. Running over the maximum is an ordinary `false`, and changes nothing.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;
	size_t start; // first byte that is still queued
	size_t end;   // one past the last
	size_t cap;
	size_t max;	 // bytes that may be queued at once
	size_t *counted; // the memory of many queues is summed up there; NULL: nowhere
};

void buf_init(struct buf *buf, size_t max); // not counted: set `counted` while it has no memory
void buf_free(struct buf *buf);		    // may be called twice; wipes nothing
void buf_free_cleanup(struct buf *buf);	    // for auto_buf
/* Set where it is declared, since every return frees it: auto_buf struct buf out = {.max = N}; */
#define auto_buf __attribute__((cleanup(buf_free_cleanup)))

extern uint8_t buf_no_bytes[1];

static inline size_t buf_len(const struct buf *buf)
{
	return buf->end - buf->start;
}
/* The first queued byte; never NULL, so that it may be given to memcpy with a length of 0. */
static inline uint8_t *buf_bytes(const struct buf *buf)
{
	return buf->data ? buf->data + buf->start : buf_no_bytes;
}
static inline size_t buf_room(const struct buf *buf)
{
	return buf->max - (buf->end - buf->start);
}

bool buf_append(struct buf *buf, const void *data, size_t len);
bool buf_append_str(struct buf *buf, const char *text);
bool buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for `len` bytes after the end, or NULL when that is over the maximum; then buf_commit. */
uint8_t *buf_grow(struct buf *buf, size_t len); // for buf_reserve alone
static inline uint8_t *buf_reserve(struct buf *buf, size_t len)
{
	bool fits = len <= buf->cap - buf->end && len <= buf_room(buf);

	return fits && buf->data ? buf->data + buf->end : buf_grow(buf, len);
}
static inline void buf_commit(struct buf *buf, size_t len)
{
	buf->end += len;
}

void buf_consume(struct buf *buf, size_t len);
void buf_clear(struct buf *buf);
void buf_truncate(struct buf *buf, size_t len); // to the first `len` bytes, if there are more

/* Gives memory back when the buffer is empty and holds more than `keep` bytes. */
void buf_shrink(struct buf *buf, size_t keep);

/* NUL-terminates the content (the NUL is not counted) and hands it over; the buffer is empty. */
char *buf_take_str(struct buf *buf);
