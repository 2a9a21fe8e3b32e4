// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A stream of our own on a link, as the back of an exchange. It needs no memory of its own: the
 * exchange is the stream's user data, and forgets the stream when the stream is gone.
 */
#include <string.h>

#include "base/mem.h"
#include "sidecar/http2_parts.h"

static void leave(struct exchange *x)
{
	LIST_REMOVE(x, of_back);
	exchange_leave(x);
}

static ssize_t read_request(nghttp2_session *session, int32_t id, uint8_t *to, size_t size,
			    uint32_t *flags, nghttp2_data_source *source, void *data)
{
	struct exchange *x = nghttp2_session_get_stream_user_data(session, id);
	size_t taken;
	ssize_t len;

	if (!x)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	len = h2_fill_data(x->back_data, id, &x->request, to, size, flags, &taken);
	x->back_waits = len == NGHTTP2_ERR_DEFERRED;
	exchange_request_taken(x, taken);
	return len;
}

static void back_request_grew(struct exchange *x)
{
	struct h2 *h2 = x->back_data;

	if (!x->back_waits)
		return;
	x->back_waits = false;
	nghttp2_session_resume_data(h2->session, x->back_stream);
	h2->ops->wake(h2->owner);
}

static void back_response_taken(struct exchange *x, size_t n)
{
	h2_consumed(x->back_data, x->back_stream, x, &x->response, n);
}

static void back_cancelled(struct exchange *x)
{
	struct h2 *h2 = x->back_data;

	LIST_REMOVE(x, of_back);
	nghttp2_session_set_stream_user_data(h2->session, x->back_stream, NULL);
	nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, x->back_stream, NGHTTP2_CANCEL);
	h2->ops->wake(h2->owner);
}

static const struct exchange_back back = {
	.request_grew = back_request_grew,
	.response_taken = back_response_taken,
	.cancelled = back_cancelled,
};

static void make_fields(struct h2_fields *fields, const struct http_head *head,
			const struct h2_request *request)
{
	bool tunnel = head->framing == HTTP_BODY_TUNNEL;

	fields->n = 0;
	h2_add_named(fields, HTTP_TEXT(":method"), tunnel ? HTTP_TEXT("CONNECT") : request->method);
	if (tunnel)
		h2_add_named(fields, HTTP_TEXT(":protocol"), HTTP_TEXT("websocket"));
	h2_add_named(fields, HTTP_TEXT(":scheme"), HTTP_TEXT("http"));
	h2_add_named(fields, HTTP_TEXT(":authority"),
		     request->authority.len ? request->authority : HTTP_TEXT("localhost"));
	h2_add_named(fields, HTTP_TEXT(":path"), request->target);
	h2_add_passing(fields, head, request->drop);
	if (head->expect_continue)
		h2_add_named(fields, HTTP_TEXT("expect"), HTTP_TEXT("100-continue"));
	if (head->has_length)
		h2_add_length(fields, head->content_length);
	for (size_t i = 0; i < request->n_extra; i++)
		h2_add_same(fields, &request->extra[i]);
}

void h2_open(struct h2 *h2, struct exchange *x, const struct http_head *head,
	     const struct h2_request *request)
{
	static struct h2_fields fields;
	nghttp2_data_provider provider = {.read_callback = read_request};
	bool has_body = head->framing != HTTP_BODY_NONE;
	int32_t id;

	make_fields(&fields, head, request);
	id = nghttp2_submit_request(h2->session, NULL, fields.nv, fields.n,
				    has_body ? &provider : NULL, x);
	if (id < 0) {
		exchange_fail(x, 503, "its link takes no more requests");
		return;
	}
	exchange_join(x, &back, h2);
	x->back_stream = id;
	LIST_INSERT_HEAD(&h2->clients, x, of_back);
	h2->n_streams++;
	h2->ops->wake(h2->owner);
}

void h2_client_head(struct h2 *h2, struct exchange *x, bool ended)
{
	if (x->response_begun) {
		if (!h2_take_trailers(h2, &x->response))
			exchange_fail(x, 502, "the trailer fields of its response are too long");
		else if (ended)
			h2_client_ended(x);
		return;
	}
	if (h2->head_too_large) {
		exchange_fail(x, 502, "the header fields of its response are too long");
		return;
	}
	if (h2->head.status < 100 || h2->head.status > 599) { // three digits, as nghttp2 has it
		exchange_fail(x, 502, "its response has no proper status");
		return;
	}
	if (x->asked_tunnel && h2->head.status == 200 && !ended &&
	    !http_head_find(&h2->head, H2_REFUSED_UPGRADE))
		h2->head.status = 101;
	x->response.ended = ended && h2->head.status >= 200;
	exchange_response_head(x, &h2->head);
	if (ended)
		exchange_response_grew(x);
}

void h2_client_data(struct h2 *h2, int32_t stream, struct exchange *x, const uint8_t *data,
		    size_t len)
{
	if (!buf_append(&x->response.bytes, data,
			len)) // its window is as large: a peer that cheats
		exchange_fail(x, 502, "its sidecar sent more than was asked for");
	else
		exchange_response_grew(x);
}

void h2_client_ended(struct exchange *x)
{
	x->response.ended = true;
	exchange_response_grew(x);
}

void h2_client_closed(struct h2 *h2, struct exchange *x, uint32_t error)
{
	leave(x);
	if (x->response.ended || x->held_end) {
		if (x->tunnel)
			exchange_response_grew(x); // nobody hears its client any more
		return;
	}
	x->repeatable = error == NGHTTP2_REFUSED_STREAM;
	if (x->repeatable)
		exchange_fail(x, 503, "its sidecar refused the request");
	else
		exchange_fail(x, 502, "its response was broken off (%s)",
			      nghttp2_http2_strerror(error));
}
