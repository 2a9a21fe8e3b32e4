// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The byte queue. Consumed bytes are only skipped; the rest is moved to the front when the end of
 * the memory is reached, so that each byte is moved at most once per growth or wrap.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

enum { FIRST_CAPACITY = 256 };

uint8_t buf_no_bytes[1];

void buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){.max = max};
}

static void set_capacity(struct buf *buf, size_t cap)
{
	if (buf->counted)
		*buf->counted += cap - buf->cap;
	buf->cap = cap;
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	set_capacity(buf, 0);
	*buf = (struct buf){.max = buf->max, .counted = buf->counted};
}

void buf_free_cleanup(struct buf *buf)
{
	buf_free(buf);
}

/*
 * The memory may be a quarter larger than the maximum, so that a full queue is not moved for every
 * few bytes that go through it.
 */
static size_t grown(const struct buf *buf, size_t needed)
{
	size_t limit = buf->max + buf->max / 4;
	size_t cap = buf->cap ? buf->cap : FIRST_CAPACITY;

	while (cap < needed || cap == buf->cap)
		cap = cap > limit / 2 ? limit : cap * 2;
	return cap;
}

static void move_to_front(struct buf *buf)
{
	size_t queued = buf_len(buf);

	if (buf->start)
		memmove(buf->data, buf->data + buf->start, queued);
	buf->start = 0;
	buf->end = queued;
}

static void make_room(struct buf *buf, size_t len)
{
	size_t needed = buf_len(buf) + len;
	bool largest = buf->cap >= buf->max + buf->max / 4;

	if (buf->cap - buf->end >= len)
		return;
	if (buf->data)
		move_to_front(buf);
	if (buf->cap >= needed && (largest || buf_len(buf) <= buf->cap / 2))
		return;
	set_capacity(buf, grown(buf, needed));
	buf->data = xreallocarray(buf->data, buf->cap, 1);
}

uint8_t *buf_grow(struct buf *buf, size_t len)
{
	if (len > buf_room(buf))
		return NULL;
	if (len || !buf->data)
		make_room(buf, len ? len : 1);
	return buf->data + buf->end;
}

bool buf_append(struct buf *buf, const void *data, size_t len)
{
	uint8_t *to;

	if (!len)
		return true;
	to = buf_reserve(buf, len);
	if (!to)
		return false;
	memcpy(to, data, len);
	buf_commit(buf, len);
	return true;
}

bool buf_append_str(struct buf *buf, const char *text)
{
	return buf_append(buf, text, strlen(text));
}

bool buf_printf(struct buf *buf, const char *format, ...)
{
	auto_free char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0) {
		text = NULL;
		return false;
	}
	return buf_append(buf, text, (size_t)len);
}

void buf_consume(struct buf *buf, size_t len)
{
	buf->start += len;
	if (buf->start == buf->end)
		buf_clear(buf);
}

void buf_clear(struct buf *buf)
{
	buf->start = 0;
	buf->end = 0;
}

void buf_truncate(struct buf *buf, size_t len)
{
	if (len < buf_len(buf))
		buf->end = buf->start + len;
}

void buf_shrink(struct buf *buf, size_t keep)
{
	if (!buf_len(buf) && buf->cap > keep)
		buf_free(buf);
}

char *buf_take_str(struct buf *buf)
{
	size_t len = buf_len(buf);
	char *text;

	if (!buf->data)
		return xcalloc(1, 1);
	if (buf->start)
		memmove(buf->data, buf->data + buf->start, len);
	text = xreallocarray(take_ptr(&buf->data), len + 1, 1);
	text[len] = '\0';
	buf_free(buf);
	return text;
}
