// SPDX-License-Identifier: GPL-3.0-or-later
/* Both ways out of a sidecar write requests as HTTP/1.1, however they came in. */
#include "sidecar/request_head.h"

bool request_put_cookies(const struct http_head *head, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];

		if (field->id != HTTP_FIELD_COOKIE || field->hop)
			continue;
		if (!buf_append_str(out, any ? "; " : "cookie: ") ||
		    !buf_append(out, field->value.data, field->value.len))
			return false;
		any = true;
	}
	return !any || buf_append(out, "\r\n", 2);
}

static bool put_framing(const struct http_head *head, struct buf *out, enum http_framing *framing)
{
	*framing = HTTP_BODY_NONE;
	if (head->framing == HTTP_BODY_TUNNEL) // no body until the answer is 101
		return buf_append_str(out, "connection: upgrade\r\nupgrade: websocket\r\n");
	if (!head->has_length && head->framing == HTTP_BODY_NONE)
		return true;
	if (!head->has_length) {
		*framing = HTTP_BODY_CHUNKED;
		return http1_put_chunked(out);
	}
	if (head->framing != HTTP_BODY_NONE)
		*framing = HTTP_BODY_LENGTH;
	return http1_put_length(out, head->content_length);
}

bool request_put_end(const struct http_head *head, struct buf *out, enum http_framing *framing)
{
	if (head->expect_continue &&
	    !http1_put_field(out, HTTP_TEXT("expect"), HTTP_TEXT("100-continue")))
		return false;
	return put_framing(head, out, framing) && http1_put_end(out);
}

bool request_may_repeat(const struct http_head *head)
{
	return http_method_idempotent(head->method) &&
	       (head->framing == HTTP_BODY_NONE || head->framing == HTTP_BODY_TUNNEL);
}
