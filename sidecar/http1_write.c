// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Heads of HTTP/1.1 messages as bytes. What is written here has been through a parser or is
 * constant; fields that frame the message or belong to one connection are the caller's to leave
 * out.
 */
#include "sidecar/http1.h"

#include <string.h>

#include "base/num.h"

/* Appends parts that the caller counted: one reservation, no further check. */
static uint8_t *put(uint8_t *to, const char *data, size_t len)
{
	memcpy(to, data, len);
	return to + len;
}

bool http1_put_request_line(struct buf *out, struct http_text method, struct http_text target)
{
	size_t len = method.len + 1 + target.len + 11;
	uint8_t *to = buf_reserve(out, len);

	if (!to)
		return false;
	to = put(to, method.data, method.len);
	to = put(to, " ", 1);
	to = put(to, target.data, target.len);
	put(to, " HTTP/1.1\r\n", 11);
	buf_commit(out, len);
	return true;
}

bool http1_put_status_line(struct buf *out, unsigned status, struct http_text reason)
{
	char digits[NUM_U64_DIGITS];
	size_t n = num_put_u64(digits, status);
	size_t len = 9 + n + 1 + reason.len + 2;
	uint8_t *to = buf_reserve(out, len);

	if (!to)
		return false;
	to = put(to, "HTTP/1.1 ", 9);
	to = put(to, digits, n);
	to = put(to, " ", 1);
	to = put(to, reason.data, reason.len);
	put(to, "\r\n", 2);
	buf_commit(out, len);
	return true;
}

bool http1_put_field(struct buf *out, struct http_text name, struct http_text value)
{
	size_t len = name.len + 2 + value.len + 2;
	uint8_t *to = buf_reserve(out, len);

	if (!to)
		return false;
	to = put(to, name.data, name.len);
	to = put(to, ": ", 2);
	to = put(to, value.data, value.len);
	put(to, "\r\n", 2);
	buf_commit(out, len);
	return true;
}

bool http1_put_length(struct buf *out, uint64_t content_length)
{
	char digits[NUM_U64_DIGITS];
	struct http_text value = {digits, num_put_u64(digits, content_length)};

	return http1_put_field(out, HTTP_TEXT("content-length"), value);
}

bool http1_put_chunked(struct buf *out)
{
	return buf_append_str(out, "transfer-encoding: chunked\r\n");
}

bool http1_put_end(struct buf *out)
{
	return buf_append(out, "\r\n", 2);
}
