// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Writing without copying the body: the head, the framing and the queued bytes are gathered into
 * one write. For the chunked coding a chunk is as long as the queue was when it began, and the
 * bytes that end it travel with it.
 */
#include "sidecar/h1_writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { HEAD_KEPT = 2048, PARTS = 4, SIZE_LINE_MAX = 24, TOGETHER_MAX = 2048 };

static const char CHUNK_END[] = "\r\n";
static const char LAST_CHUNK_END[] = "\r\n0\r\n\r\n";

void h1_writer_init(struct h1_writer *writer)
{
	*writer = (struct h1_writer){0};
	pool_buf_init(&writer->head, 2 * HTTP_HEADER_BYTES_MAX);
}

void h1_writer_free(struct h1_writer *writer)
{
	buf_free(&writer->head);
}

size_t h1_writer_waiting(const struct h1_writer *writer)
{
	return writer->head_sent < buf_len(&writer->head) ? writer->head.cap : 0;
}

void h1_writer_reset(struct h1_writer *writer)
{
	struct buf head = writer->head;

	buf_clear(&head);
	buf_shrink(&head, HEAD_KEPT);
	*writer = (struct h1_writer){.head = head};
}

void h1_writer_head_done(struct h1_writer *writer, enum http_framing framing)
{
	writer->complete = true;
	writer->has_body = framing != HTTP_BODY_NONE;
	writer->chunked = framing == HTTP_BODY_CHUNKED;
}

static void set_frame(struct h1_writer *writer, const char *text, size_t len)
{
	memcpy(writer->frame, text, len);
	writer->frame_len = len;
	writer->frame_sent = 0;
}

/* Behind what is left of the end of the chunk before. */
static void append_frame(struct h1_writer *writer, const char *text, size_t len)
{
	size_t old = writer->frame_len - writer->frame_sent;

	memmove(writer->frame, writer->frame + writer->frame_sent, old);
	memcpy(writer->frame + old, text, len);
	writer->frame_len = old + len;
	writer->frame_sent = 0;
}

/* They go where the head was, which is out; the end of the chunk before has to be, too. */
static void put_trailers(struct h1_writer *writer, const struct exchange_body *body)
{
	if (writer->frame_sent < writer->frame_len)
		return;
	writer->last_chunk =
		buf_append_str(&writer->head, "0\r\n") &&
		buf_append(&writer->head, buf_bytes(&body->trailers), buf_len(&body->trailers)) &&
		buf_append_str(&writer->head, "\r\n");
}

/* Between chunks: begins the next one, or the end. */
static void next_chunk(struct h1_writer *writer, const struct exchange_body *body)
{
	size_t len = buf_len(&body->bytes);
	char size[SIZE_LINE_MAX];

	if (writer->chunk_left || writer->last_chunk)
		return;
	if (len) {
		append_frame(writer, size, (size_t)snprintf(size, sizeof(size), "%zx\r\n", len));
		writer->chunk_left = len;
	} else if (body->ended && buf_len(&body->trailers)) {
		put_trailers(writer, body);
	} else if (body->ended) {
		append_frame(writer, "0\r\n\r\n", 5);
		writer->last_chunk = true;
	}
}

struct gathered {
	struct iovec parts[PARTS];
	size_t n;
	size_t head, frame, body;
	const char *tail; // ends the chunk behind the body
	size_t tail_len;
};

static void add_part(struct gathered *all, const void *data, size_t len)
{
	if (len)
		all->parts[all->n++] =
			(struct iovec){.iov_base = (void *)(uintptr_t)data, .iov_len = len};
}

static void gather(struct h1_writer *writer, const struct exchange_body *body, struct gathered *all)
{
	bool flows = writer->complete && writer->has_body;

	if (flows && writer->chunked)
		next_chunk(writer, body);
	*all = (struct gathered){.head = buf_len(&writer->head) - writer->head_sent,
				 .frame = writer->frame_len - writer->frame_sent};
	if (flows)
		all->body = writer->chunked ? writer->chunk_left : buf_len(&body->bytes);
	if (all->body && writer->chunked) {
		bool last = body->ended && all->body == buf_len(&body->bytes) &&
			    !buf_len(&body->trailers);

		all->tail = last ? LAST_CHUNK_END : CHUNK_END;
		all->tail_len = strlen(all->tail);
	}
	add_part(all, buf_len(&writer->head) ? buf_bytes(&writer->head) + writer->head_sent : NULL,
		 all->head);
	add_part(all, writer->frame + writer->frame_sent, all->frame);
	add_part(all, all->body ? buf_bytes(&body->bytes) : NULL, all->body);
	add_part(all, all->tail, all->tail_len);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Of `sent` bytes: which part they belong to. Returns how many were of the body. */
static size_t account(struct h1_writer *writer, struct exchange_body *body,
		      const struct gathered *all, size_t sent)
{
	size_t of_head = least(sent, all->head);
	size_t of_frame = least(sent - of_head, all->frame);
	size_t of_body = least(sent - of_head - of_frame, all->body);
	size_t of_tail = sent - of_head - of_frame - of_body;

	writer->head_sent += of_head;
	writer->frame_sent += of_frame;
	if (of_body)
		buf_consume(&body->bytes, of_body);
	if (!writer->chunked || !all->body)
		return of_body;
	writer->chunk_left -= of_body;
	if (!writer->chunk_left) {
		set_frame(writer, all->tail + of_tail, all->tail_len - of_tail);
		writer->last_chunk = all->tail == LAST_CHUNK_END;
	}
	return of_body;
}

static bool all_sent(const struct h1_writer *writer, const struct exchange_body *body)
{
	if (!writer->complete || writer->head_sent < buf_len(&writer->head) ||
	    writer->frame_sent < writer->frame_len)
		return false;
	if (!writer->has_body)
		return true;
	return exchange_body_done(body) && (!writer->chunked || writer->last_chunk);
}

static size_t size_of(const struct gathered *all)
{
	return all->head + all->frame + all->body + all->tail_len;
}

/* Copying a little costs less than what the kernel does to take a message apart. */
static ssize_t send_parts(int fd, const struct gathered *all)
{
	char together[TOGETHER_MAX];
	struct msghdr message = {0};
	size_t len = 0;

	if (all->n > 1 && size_of(all) > sizeof(together)) {
		message.msg_iov = (struct iovec *)(uintptr_t)all->parts;
		message.msg_iovlen = all->n;
		return sendmsg(fd, &message, MSG_NOSIGNAL);
	}
	if (all->n == 1)
		return send(fd, all->parts[0].iov_base, all->parts[0].iov_len, MSG_NOSIGNAL);
	for (size_t i = 0; i < all->n; i++) {
		memcpy(together + len, all->parts[i].iov_base, all->parts[i].iov_len);
		len += all->parts[i].iov_len;
	}
	return send(fd, together, len, MSG_NOSIGNAL);
}

enum h1_write h1_writer_flush(struct h1_writer *writer, int fd, struct exchange_body *body,
			      size_t *taken)
{
	struct gathered all;

	*taken = 0;
	for (;;) {
		ssize_t sent;
		size_t wanted;

		if (all_sent(writer, body))
			return H1_WRITE_DONE;
		gather(writer, body, &all);
		wanted = size_of(&all);
		if (!wanted)
			return all_sent(writer, body) ? H1_WRITE_DONE : H1_WRITE_IDLE;
		sent = send_parts(fd, &all);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN ? H1_WRITE_BLOCKED : H1_WRITE_FAILED;
		*taken += account(writer, body, &all, (size_t)sent);
		if ((size_t)sent < wanted)
			return H1_WRITE_BLOCKED;
	}
}
