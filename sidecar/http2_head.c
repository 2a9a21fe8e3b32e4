// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The head of a message as nghttp2 hands it over, field by field. Names and values are not copied:
 * each is a counted reference that is given back when the head has been passed on. What is too
 * large is read to its end, so that it can be answered; what has no end ends the session.
 */

#include "base/mem.h"
#include "sidecar/http2_parts.h"

enum { H2_FIELD_COST = 32 }; // of each field, however short (RFC 9113, section 6.5.2)

void h2_head_drop(struct h2 *h2)
{
	for (size_t i = 0; i < h2->n_references; i++)
		nghttp2_rcbuf_decref(h2->references[i]);
	h2->n_references = 0;
}

int h2_head_begin(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
	struct h2 *h2 = data;

	h2_head_drop(h2);
	http_head_reset(&h2->head);
	h2->head_begun = loop_now(h2->turn->loop);
	h2->head_bytes = 0;
	h2->field_bytes = 0;
	h2->head_too_large = false;
	return 0;
}

static struct http_text hold(struct h2 *h2, nghttp2_rcbuf *rcbuf)
{
	nghttp2_vec bytes = nghttp2_rcbuf_get_buf(rcbuf);

	nghttp2_rcbuf_incref(rcbuf);
	h2->references[h2->n_references++] = rcbuf;
	return (struct http_text){(const char *)bytes.base, bytes.len};
}

/* nghttp2 has checked by now that each is there once, in front, and well formed. */
static void pseudo_field(struct http_head *head, struct http_text name, struct http_text value)
{
	if (http_text_is(name, ":method"))
		head->method = value;
	else if (http_text_is(name, ":path"))
		head->target = value;
	else if (http_text_is(name, ":authority"))
		head->host = value;
	else if (http_text_is(name, ":protocol"))
		head->protocol = value;
	else if (http_text_is(name, ":status"))
		head->status = (unsigned)((value.data[0] - '0') * 100 + (value.data[1] - '0') * 10 +
					  (value.data[2] - '0'));
}

static void number_field(struct http_head *head, struct http_text value)
{
	head->has_length = true;
	head->content_length = 0;
	for (size_t i = 0; i < value.len; i++) // nghttp2 has checked that it is a number in range
		head->content_length = head->content_length * 10 + (uint64_t)(value.data[i] - '0');
}

int h2_head_field(nghttp2_session *session, const nghttp2_frame *frame, nghttp2_rcbuf *name,
		  nghttp2_rcbuf *value, uint8_t flags, void *data)
{
	struct h2 *h2 = data;
	struct http_text name_text, value_text;

	h2->head_bytes +=
		H2_FIELD_COST + nghttp2_rcbuf_get_buf(name).len + nghttp2_rcbuf_get_buf(value).len;
	if (h2->head_bytes > H2_HEAD_BYTES_MAX) // far more than any sidecar sends: a bomb
		return h2_give_up(h2, "header fields without end");
	if (h2->n_references + 2 > H2_REFERENCES_MAX || h2->head_too_large) {
		h2->head_too_large = true;
		return 0;
	}
	name_text = hold(h2, name);
	value_text = hold(h2, value);
	h2->field_bytes += name_text.len + value_text.len;
	if (name_text.len && name_text.data[0] == ':')
		pseudo_field(&h2->head, name_text, value_text);
	else if (!http_head_add(&h2->head, name_text, value_text))
		h2->head_too_large = true;
	if (http_text_is(name_text, "content-length"))
		number_field(&h2->head, value_text);
	if (h2->field_bytes > HTTP_HEADER_BYTES_MAX)
		h2->head_too_large = true;
	return 0;
}

/* Left alone, nghttp2 leaves a malformed field out and goes on: repaired, and not refused. */
int h2_head_bad_field(nghttp2_session *session, const nghttp2_frame *frame, nghttp2_rcbuf *name,
		      nghttp2_rcbuf *value, uint8_t flags, void *data)
{
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

void h2_head_finish(struct h2 *h2, bool ended)
{
	struct http_head *head = &h2->head;
	const struct http_field *host = http_head_find(head, "host");
	const struct http_field *expect = http_head_find(head, "expect");

	head->keep_alive = true;
	head->minor = 1;
	h2->odd_expectation = expect && !http_text_is_nocase(expect->value, "100-continue");
	head->expect_continue = expect && !ended && !h2->odd_expectation;
	head->framing = ended ? HTTP_BODY_NONE : HTTP_BODY_STREAM;
	if (!head->host.data && host)
		head->host = host->value;
	if (!head->host.data)
		head->host = HTTP_TEXT("");
}

uint64_t h2_head_begun(const struct h2 *h2)
{
	return h2->head_begun;
}
