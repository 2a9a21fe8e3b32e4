// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Bodies of HTTP/1.1 messages as they arrive (RFC 9112, sections 6 and 7): plain bytes are copied,
 * the chunked coding is a small state machine over bytes that may be cut anywhere. Extensions are
 * bounded, checked and dropped, trailer fields kept for whoever wants them.
 */
#include "sidecar/http1.h"

#include <string.h>

#include "base/mem.h"
#include "sidecar/trailers.h"

enum chunk_state {
	CHUNK_SIZE_FIRST, // the first digit of a size must come
	CHUNK_SIZE,
	CHUNK_EXTENSION,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	TRAILER_FIRST, // at the beginning of a line
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	TRAILER_END_LF,
};

enum { SIZE_DIGITS_MAX = 15 }; // so that a size never overflows

void http1_body_start(struct http1_body *body, const struct http_head *head)
{
	bool tunnel = head->framing == HTTP_BODY_TUNNEL;

	*body = (struct http1_body){
		.framing = tunnel ? HTTP_BODY_UNTIL_CLOSE : head->framing,
		.left = head->framing == HTTP_BODY_LENGTH ? head->content_length : 0,
		.state = CHUNK_SIZE_FIRST,
		.ended = head->framing == HTTP_BODY_NONE,
	};
}

/* Copies as much of `len` bytes as are wanted and fit. */
static size_t copy_out(struct buf *out, const char *data, size_t len, uint64_t wanted)
{
	if (len > wanted)
		len = (size_t)wanted;
	if (len > buf_room(out))
		len = buf_room(out);
	buf_append(out, data, len);
	return len;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool refuse(struct http1_error *error, unsigned status, const char *reason)
{
	error->status = status;
	error->reason = reason;
	return false;
}

static bool size_digit(struct http1_body *body, char c, struct http1_error *error)
{
	int digit = hex_value(c);

	if (digit < 0)
		return refuse(error, 400, "a chunk size that is no number");
	if (body->line > SIZE_DIGITS_MAX)
		return refuse(error, 400, "a chunk size with too many digits");
	body->left = body->left * 16 + (uint64_t)digit;
	body->state = CHUNK_SIZE;
	return true;
}

static bool extension_byte(struct http1_body *body, char c, struct http1_error *error)
{
	if (c == '\r')
		body->state = CHUNK_SIZE_LF;
	else if (((unsigned char)c < 0x20 && c != '\t') || c == 0x7f)
		return refuse(error, 400, "a control character in a chunk extension");
	return true;
}

static bool size_byte(struct http1_body *body, char c, struct http1_error *error)
{
	if (hex_value(c) >= 0)
		return size_digit(body, c, error);
	if (c == '\r')
		body->state = CHUNK_SIZE_LF;
	else if (c == ';')
		body->state = CHUNK_EXTENSION;
	else
		return refuse(error, 400, "a chunk size that is no number");
	return true;
}

static bool expect(char c, char wanted, struct http1_error *error)
{
	return c == wanted || refuse(error, 400, "a line of the chunked coding without CR LF");
}

static bool trailer_byte(struct http1_body *body, char c, struct http1_error *error)
{
	if (++body->trailers > HTTP_TRAILER_BYTES_MAX)
		return refuse(error, 431, "the trailer fields are too long");
	if (body->state == TRAILER_FIRST && c == '\r')
		body->state = TRAILER_END_LF;
	else if (body->state != TRAILER_VALUE && c == ':' && body->state == TRAILER_NAME)
		body->state = TRAILER_VALUE;
	else if (body->state == TRAILER_VALUE && c == '\r')
		body->state = TRAILER_LF;
	else if (body->state == TRAILER_VALUE)
		return ((unsigned char)c >= 0x20 && c != 0x7f) || c == '\t' ||
		       refuse(error, 400, "a control character in a trailer field");
	else if ((unsigned char)c <= 0x20 || (unsigned char)c >= 0x7f ||
		 strchr("\"(),/:;<=>?@[\\]{}", c))
		return refuse(error, 400, "a trailer field without a proper name");
	else
		body->state = TRAILER_NAME;
	return true;
}

/* One byte that is not chunk data. */
static bool chunk_byte(struct http1_body *body, char c, struct http1_error *error)
{
	if (body->state <= CHUNK_SIZE_LF && ++body->line > HTTP_CHUNK_LINE_MAX)
		return refuse(error, 400, "a chunk extension that is too long");
	switch ((enum chunk_state)body->state) {
	case CHUNK_SIZE_FIRST:
		return size_digit(body, c, error);
	case CHUNK_SIZE:
		return size_byte(body, c, error);
	case CHUNK_EXTENSION:
		return extension_byte(body, c, error);
	case CHUNK_SIZE_LF:
		body->state = body->left ? CHUNK_DATA : TRAILER_FIRST;
		return expect(c, '\n', error);
	case CHUNK_DATA_CR:
		body->state = CHUNK_DATA_LF;
		return expect(c, '\r', error);
	case CHUNK_DATA_LF:
		body->state = CHUNK_SIZE_FIRST;
		body->line = 0;
		return expect(c, '\n', error);
	case TRAILER_LF:
		body->state = TRAILER_FIRST;
		return expect(c, '\n', error);
	case TRAILER_END_LF:
		body->ended = true;
		body->state = TRAILER_FIRST;
		return expect(c, '\n', error);
	case CHUNK_DATA:
	case TRAILER_FIRST:
	case TRAILER_NAME:
	case TRAILER_VALUE:
		break;
	}
	return trailer_byte(body, c, error);
}

/* A byte of the lines of trailer fields has been checked. */
static void keep_trailer(struct http1_body *body, char c)
{
	if (!body->kept)
		return;
	if (body->ended)
		trailers_filter(body->kept);
	else
		buf_append(body->kept, &c, 1);
}

static bool framing_byte(struct http1_body *body, char c, struct http1_error *error)
{
	bool trailer = body->state >= TRAILER_FIRST;

	if (!chunk_byte(body, c, error))
		return false;
	if (trailer && body->state != TRAILER_END_LF)
		keep_trailer(body, c);
	return true;
}

static enum http1_result decode_chunked(struct http1_body *body, const char *data, size_t len,
					struct buf *out, size_t *used, struct http1_error *error)
{
	while (*used < len && !body->ended) {
		size_t copied;

		if (body->state != CHUNK_DATA) {
			if (!framing_byte(body, data[(*used)++], error))
				return HTTP1_BAD;
			continue;
		}
		copied = copy_out(out, data + *used, len - *used, body->left);
		*used += copied;
		body->left -= copied;
		if (!body->left)
			body->state = CHUNK_DATA_CR;
		else if (*used < len)
			return HTTP1_MORE; // no room
	}
	return body->ended ? HTTP1_OK : HTTP1_MORE;
}

enum http1_result http1_body_decode(struct http1_body *body, const char *data, size_t len,
				    struct buf *out, size_t *used, struct http1_error *error)
{
	*used = 0;
	if (body->ended)
		return HTTP1_OK;
	if (body->framing == HTTP_BODY_CHUNKED)
		return decode_chunked(body, data, len, out, used, error);
	if (body->framing == HTTP_BODY_UNTIL_CLOSE) {
		*used = copy_out(out, data, len, UINT64_MAX);
		return HTTP1_MORE;
	}
	*used = copy_out(out, data, len, body->left);
	body->left -= *used;
	body->ended = body->left == 0;
	return body->ended ? HTTP1_OK : HTTP1_MORE;
}
