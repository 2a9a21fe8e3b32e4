// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A stream that the peer opened on a link, as the front of an exchange.
 */
#include "base/mem.h"
#include "sidecar/http2_parts.h"
#include "sidecar/service.h"
#include "sidecar/trailers.h"

struct h2_stream {
	struct exchange x;
	struct h2 *h2; // NULL: the stream is closed
	int32_t id;
	bool waits;	      // for more of the response body
	bool sent_end;	      // of the response
	bool awaits_continue; // the client sends its body after a 100 (or a while)
	struct turn_item grave;
	struct deadline stall;	// nothing of its request comes; of clients only
	struct deadline reader; // it takes nothing of the response; of clients only
	struct deadline late;	// when what one side still has to say is not waited for any more
	LIST_ENTRY(h2_stream) next;
};

static void stream_free(struct turn_item *item)
{
	struct h2_stream *stream = container_of(item, struct h2_stream, grave);

	exchange_free(&stream->x);
	if (stream->x.client)
		stream->x.service->client_free(stream->x.client);
	pool_sub(sizeof(*stream));
	free(stream);
}

static void bury(struct h2_stream *stream)
{
	deadline_clear(&stream->late);
	deadline_clear(&stream->stall);
	deadline_clear(&stream->reader);
	exchange_end(&stream->x);
	turn_bury(stream->x.turn, &stream->grave, stream_free);
}

/* Both sides of a tunnel have said all, and the workload has still to hear some of it. */
static bool has_last_words(const struct h2_stream *stream)
{
	return stream->x.tunnel && stream->x.back && stream->x.request.ended;
}

void h2_server_closed(struct h2_stream *stream, uint32_t error)
{
	struct h2 *h2 = stream->h2;

	nghttp2_session_set_stream_user_data(h2->session, stream->id, NULL);
	LIST_REMOVE(stream, next);
	h2->n_streams--;
	stream->h2 = NULL;
	deadline_clear(&stream->reader);
	if (error == NGHTTP2_NO_ERROR && has_last_words(stream))
		deadline_set(h2->turn, &stream->late, BODY_TIMEOUT_MS);
	else
		bury(stream);
}

/* What waits of a response has to go on in time, like that of HTTP/1.1. */
static void watch_reader(struct h2_stream *stream, size_t taken)
{
	if (!buf_len(&stream->x.response.bytes))
		deadline_clear(&stream->reader);
	else if (taken || !stream->reader.set)
		deadline_set(stream->x.turn, &stream->reader, READER_TIMEOUT_MS);
}

static ssize_t read_response(nghttp2_session *session, int32_t id, uint8_t *to, size_t size,
			     uint32_t *flags, nghttp2_data_source *source, void *data)
{
	struct h2_stream *stream = nghttp2_session_get_stream_user_data(session, id);
	size_t taken;
	ssize_t len;

	if (!stream)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	len = h2_fill_data(stream->h2, id, &stream->x.response, to, size, flags, &taken);
	stream->waits = len == NGHTTP2_ERR_DEFERRED;
	if (stream->x.service)
		watch_reader(stream, taken);
	exchange_response_taken(&stream->x, taken);
	return len;
}

static void reset(struct h2_stream *stream, uint32_t error)
{
	nghttp2_submit_rst_stream(stream->h2->session, NGHTTP2_FLAG_NONE, stream->id, error);
	stream->h2->ops->wake(stream->h2->owner);
}

static void on_late(struct deadline *deadline)
{
	struct h2_stream *stream = container_of(deadline, struct h2_stream, late);

	if (stream->h2)
		reset(stream, NGHTTP2_NO_ERROR);
	else
		bury(stream);
}

static void front_response_head(struct exchange *x, const struct http_head *head);

/* As with HTTP/1.1, but once the response has begun, silence is a matter of the two. */
static void on_stall(struct deadline *deadline)
{
	struct h2_stream *stream = container_of(deadline, struct h2_stream, stall);
	struct exchange *x = &stream->x;
	bool wanted = exchange_wants(x, &x->request);

	if (x->request.ended || x->response_begun)
		return;
	if (stream->awaits_continue && exchange_waits(x))
		deadline_set(x->turn, deadline, CONTINUE_WAIT_MS); // not accepted yet
	else if (stream->awaits_continue)
		front_response_head(x, &(struct http_head){.status = 100});
	else if (wanted && !exchange_waits(x))
		exchange_fail(x, 408, "the body of the request did not arrive in time");
	else
		deadline_set(x->turn, deadline, BODY_TIMEOUT_MS);
}

static void on_no_reader(struct deadline *deadline)
{
	struct h2_stream *stream = container_of(deadline, struct h2_stream, reader);

	exchange_end(&stream->x);
	if (stream->h2)
		reset(stream, NGHTTP2_CANCEL);
}

/* As the service wants them: through the lines that it writes. */
static bool add_fields(struct h2_fields *fields, struct exchange *x, const struct http_head *head)
{
	static struct buf lines;
	struct http_text rest, name, value;

	if (!x->service || !x->service->response || head->status < 200) {
		if (x->service && head->status == 101)
			h2_add_opened(fields, head);
		else
			h2_add_passing(fields, head, 0);
		return true;
	}
	buf_free(&lines);
	buf_init(&lines, 2 * HTTP_HEADER_BYTES_MAX);
	if (!service_put_fields(x, head, &lines))
		return false;
	rest = trailers_text(&lines);
	while (fields->n + 2 < array_len(fields->nv) && trailers_next(&rest, &name, &value))
		h2_add_field(fields, name, value);
	return rest.len == 0;
}

/* The body is due from now on. */
static void await_body(struct h2_stream *stream)
{
	stream->awaits_continue = false;
	if (!stream->x.request.ended)
		deadline_set(stream->x.turn, &stream->stall, BODY_TIMEOUT_MS);
}

static void front_response_head(struct exchange *x, const struct http_head *head)
{
	static struct h2_fields fields;
	struct h2_stream *stream = container_of(x, struct h2_stream, x);
	nghttp2_data_provider provider = {.read_callback = read_response};
	unsigned status = h2_connect_status(x, head);
	bool has_body =
		http_response_has_body(status, x->to_head) && head->framing != HTTP_BODY_NONE;
	int failed;

	if (!stream->h2 || (x->service && head->status == 100 && !stream->awaits_continue))
		return;
	if (stream->awaits_continue && (head->status == 100 || head->status >= 200))
		await_body(stream);
	fields.n = 0;
	h2_add_status(&fields, status);
	if (!add_fields(&fields, x, head)) {
		reset(stream, NGHTTP2_INTERNAL_ERROR);
		return;
	}
	if (head->has_length && status >= 200 && status != 204)
		h2_add_length(&fields, head->content_length);
	if (x->asked_tunnel && !x->service && head->status >= 200)
		h2_add_named(&fields, HTTP_TEXT(H2_REFUSED_UPGRADE), HTTP_TEXT("1"));
	if (x->own_failure && !x->service && status >= 502)
		h2_add_named(&fields, HTTP_TEXT(EXCHANGE_FAILURE),
			     x->repeatable ? HTTP_TEXT(EXCHANGE_REPEATABLE) : HTTP_TEXT("final"));
	if (status < 200)
		failed = nghttp2_submit_headers(stream->h2->session, NGHTTP2_FLAG_NONE, stream->id,
						NULL, fields.nv, fields.n, NULL);
	else
		failed = nghttp2_submit_response(stream->h2->session, stream->id, fields.nv,
						 fields.n, has_body ? &provider : NULL);
	if (failed < 0)
		reset(stream, NGHTTP2_INTERNAL_ERROR);
	stream->h2->ops->wake(stream->h2->owner);
}

static void front_response_grew(struct exchange *x)
{
	struct h2_stream *stream = container_of(x, struct h2_stream, x);

	if (!stream->h2) {
		if (!x->back)
			bury(stream);
		return;
	}
	if (stream->sent_end)
		h2_server_sent_end(stream); // whoever still listened to a tunnel has gone
	if (x->service)
		watch_reader(stream, 0);
	if (!stream->waits)
		return;
	stream->waits = false;
	nghttp2_session_resume_data(stream->h2->session, stream->id);
	stream->h2->ops->wake(stream->h2->owner);
}

static void front_request_taken(struct exchange *x, size_t n)
{
	struct h2_stream *stream = container_of(x, struct h2_stream, x);

	if (stream->h2)
		h2_consumed(stream->h2, stream->id, x, &x->request, n);
}

static void front_response_broken(struct exchange *x)
{
	struct h2_stream *stream = container_of(x, struct h2_stream, x);

	if (stream->h2)
		reset(stream, NGHTTP2_INTERNAL_ERROR);
}

static void front_cut(struct exchange *x)
{
	struct h2_stream *stream = container_of(x, struct h2_stream, x);

	if (!x->response_begun) {
		exchange_fail(x, 503, POOL_REASON);
		buf_free(&x->request.bytes);
		return;
	}
	exchange_end(x);
	buf_free(&x->request.bytes);
	buf_free(&x->response.bytes);
	if (stream->h2)
		reset(stream, NGHTTP2_ENHANCE_YOUR_CALM);
	else
		bury(stream);
}

static const struct exchange_front front = {
	.cut = front_cut,
	.response_head = front_response_head,
	.response_grew = front_response_grew,
	.request_taken = front_request_taken,
	.response_broken = front_response_broken,
};

/* :authority and Host must not name two hosts (attack of disagreeing routes). */
static bool hosts_agree(const struct http_head *head)
{
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];

		if (field->id == HTTP_FIELD_HOST &&
		    (field->value.len != head->host.len ||
		     memcmp(field->value.data, head->host.data, head->host.len) != 0))
			return false;
	}
	return true;
}

void h2_server_head(struct h2 *h2, int32_t id, bool ended)
{
	struct h2_stream *stream;
	struct exchange *x;
	bool known = h2_take_connect(&h2->head);

	if (pool_is_over()) { // not even for an answer
		nghttp2_submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, id,
					  NGHTTP2_REFUSED_STREAM);
		return;
	}
	stream = xcalloc(1, sizeof(*stream));
	pool_add(sizeof(*stream));
	x = &stream->x;
	exchange_init(x, h2->turn, &front);
	stream->h2 = h2;
	stream->id = id;
	stream->late.fn = on_late;
	stream->stall.fn = on_stall;
	stream->reader.fn = on_no_reader;
	LIST_INSERT_HEAD(&h2->streams, stream, next);
	h2->n_streams++;
	nghttp2_session_set_stream_user_data(h2->session, id, stream);
	h2->head.form = h2->head.target.len && h2->head.target.data[0] == '/'
				? HTTP_TARGET_ORIGIN
				: HTTP_TARGET_ASTERISK;
	exchange_begin(x, &h2->head);
	if (h2->head_too_large)
		exchange_fail(x, 431, "the header fields are too long");
	else if (!known)
		exchange_fail(x, 501, "a CONNECT that is no WebSocket");
	else if (!hosts_agree(&h2->head))
		exchange_fail(x, 400, ":authority and Host do not agree");
	else if (!http_text_is_host(h2->head.host))
		exchange_fail(x, 400, "an :authority that is no host");
	else if (h2->odd_expectation)
		exchange_fail(x, 417, "an expectation that nobody here can meet");
	else if (h2->head.target.len > HTTP_TARGET_MAX)
		exchange_fail(x, 414, "the target is too long");
	else if (exchange_admit(x))
		h2->ops->request(h2->owner, x, &h2->head);
	if (!x->service || x->request.ended || x->asked_tunnel)
		return; // what a link brings, the sidecar behind it watches
	stream->awaits_continue =
		h2->head.expect_continue && !x->response_begun && (x->back || exchange_waits(x));
	deadline_set(h2->turn, &stream->stall,
		     stream->awaits_continue ? CONTINUE_WAIT_MS : BODY_TIMEOUT_MS);
}

void h2_server_data(struct h2 *h2, struct h2_stream *stream, const uint8_t *data, size_t len)
{
	if (!buf_append(&stream->x.request.bytes, data, len)) // a peer that ignores its window
		reset(stream, NGHTTP2_FLOW_CONTROL_ERROR);
	else
		exchange_request_grew(&stream->x, len);
	if (stream->stall.set)
		await_body(stream);
}

void h2_server_trailers(struct h2 *h2, struct h2_stream *stream)
{
	if (h2_take_trailers(h2, &stream->x.request))
		h2_server_ended(stream);
	else
		exchange_fail(&stream->x, 431, "the trailer fields are too long");
}

void h2_server_ended(struct h2_stream *stream)
{
	stream->x.request.ended = true;
	deadline_clear(&stream->stall);
	exchange_request_grew(&stream->x, 0);
}

/* The response is out. A request that still comes in is not wanted any more (RFC 9113,
 * section 8.1). */
void h2_server_sent_end(struct h2_stream *stream)
{
	stream->sent_end = true;
	if (stream->x.request.ended || (stream->x.tunnel && stream->x.back))
		return;
	if (stream->x.service) // clients exist that take a reset for an error
		deadline_set(stream->x.turn, &stream->late, LINGER_TIMEOUT_MS);
	else
		reset(stream, NGHTTP2_NO_ERROR);
}

static void eof(struct h2_stream *stream)
{
	if (stream->x.request.ended)
		return;
	if (stream->x.tunnel) {
		h2_server_ended(stream);
		return;
	}
	exchange_end(&stream->x);
	reset(stream, stream->sent_end ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL);
}

void h2_eof(struct h2 *h2)
{
	for (struct h2_stream *stream = LIST_FIRST(&h2->streams); stream;
	     stream = LIST_NEXT(stream, next))
		eof(stream);
}

void h2_server_close_all(struct h2 *h2)
{
	struct h2_stream *stream;

	while ((stream = LIST_FIRST(&h2->streams)))
		h2_server_closed(stream, NGHTTP2_CANCEL);
}
