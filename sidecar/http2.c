// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The nghttp2 session of both sides: settings, callbacks, flow control. Windows open only as bytes
 * are passed on (no automatic update), so that a slow reader at the far end stops the writer at
 * this one; the window of the connection opens at once, so that one slow stream does not hold up
 * the others. nghttp2's mem_send and mem_recv are called by h2_produce and h2_receive alone, never
 * from callbacks.
 */
#include <malloc.h>
#include <string.h>

#include "base/mem.h"
#include "sidecar/http2_parts.h"
#include "sidecar/trailers.h"

enum {
	SENT_HEADERS_MAX = 4 * HTTP_HEADER_BYTES_MAX, // what the parser let pass, and its packing
	UPDATE_PAYS = 1024, // bytes of DATA for which one WINDOW_UPDATE is welcome
	H2_FIELD_COST = 32, // of each field, however short (RFC 9113, section 6.5.2)
};

void h2_add_field(struct h2_fields *fields, struct http_text name, struct http_text value)
{
	fields->nv[fields->n++] = (nghttp2_nv){
		.name = (uint8_t *)(uintptr_t)name.data,
		.namelen = name.len,
		.value = (uint8_t *)(uintptr_t)value.data,
		.valuelen = value.len,
		.flags = NGHTTP2_NV_FLAG_NONE,
	};
}

void h2_add_same(struct h2_fields *fields, const struct http_field *field)
{
	h2_add_field(fields, field->name, field->value);
	if (field->id == HTTP_FIELD_TRACEPARENT) // comes once: would push others out of the table
		fields->nv[fields->n - 1].flags = NGHTTP2_NV_FLAG_NO_INDEX;
}

void h2_add_passing(struct h2_fields *fields, const struct http_head *head, unsigned drop)
{
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];

		if (http_field_passes(field) && !(drop & HTTP_DROP(field->id)))
			h2_add_same(fields, field);
	}
}

void h2_add_status(struct h2_fields *fields, unsigned status)
{
	size_t n = num_put_u64(fields->status, status);

	h2_add_field(fields, HTTP_TEXT(":status"), (struct http_text){fields->status, n});
}

void h2_add_length(struct h2_fields *fields, uint64_t length)
{
	size_t n = num_put_u64(fields->length, length);

	h2_add_field(fields, HTTP_TEXT("content-length"), (struct http_text){fields->length, n});
}

/* False: there are none. */
static bool submit_trailers(struct h2 *h2, int32_t stream, const struct exchange_body *body)
{
	static struct h2_fields fields;
	struct http_text lines, name, value;

	if (!buf_len(&body->trailers))
		return false;
	fields.n = 0;
	lines = trailers_text(&body->trailers);
	while (fields.n < array_len(fields.nv) && trailers_next(&lines, &name, &value))
		h2_add_field(&fields, name, value);
	return nghttp2_submit_trailer(h2->session, stream, fields.nv, fields.n) == 0;
}

bool h2_take_trailers(struct h2 *h2, struct exchange_body *body)
{
	if (h2->head_too_large)
		return false;
	for (size_t i = 0; i < h2->head.n_fields; i++)
		if (!trailers_add(&body->trailers, h2->head.fields[i].name,
				  h2->head.fields[i].value))
			return false;
	return true;
}

ssize_t h2_fill_data(struct h2 *h2, int32_t stream, struct exchange_body *body, uint8_t *to,
		     size_t size, uint32_t *flags, size_t *taken)
{
	size_t len = buf_len(&body->bytes);

	if (len > size)
		len = size;
	*taken = len;
	if (len) {
		memcpy(to, buf_bytes(&body->bytes), len);
		buf_consume(&body->bytes, len);
	}
	if (exchange_body_done(body)) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		if (submit_trailers(h2, stream, body))
			*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
	} else if (!len)
		return NGHTTP2_ERR_DEFERRED;
	return (ssize_t)len;
}

void h2_consumed(struct h2 *h2, int32_t stream, struct exchange *x, struct exchange_body *body,
		 size_t n)
{
	size_t window = exchange_window(x, body);

	if (window != (body->window ? body->window : STREAM_WINDOW) && !body->ended) {
		body->window = window;
		nghttp2_session_set_local_window_size(h2->session, NGHTTP2_FLAG_NONE, stream,
						      (int32_t)window);
	}
	nghttp2_session_consume_stream(h2->session, stream, n);
	h2->ops->wake(h2->owner);
}

static void drop_references(struct h2 *h2)
{
	for (size_t i = 0; i < h2->n_references; i++)
		nghttp2_rcbuf_decref(h2->references[i]);
	h2->n_references = 0;
}

/* What the session then ends with. */
static int give_up(struct h2 *h2, const char *why)
{
	h2->refusal = why;
	nghttp2_session_terminate_session(h2->session, NGHTTP2_ENHANCE_YOUR_CALM);
	return NGHTTP2_ERR_CALLBACK_FAILURE;
}

/*
 * Frames that cost work and bring none of what streams are for. Windows may be opened as often as
 * what was sent explains (earn_updates), and no more often.
 */
static bool is_idle_frame(const nghttp2_frame_hd *hd)
{
	switch (hd->type) {
	case NGHTTP2_DATA:
		return hd->length == 0 && !(hd->flags & NGHTTP2_FLAG_END_STREAM);
	case NGHTTP2_HEADERS:
	case NGHTTP2_RST_STREAM: // limited by nghttp2
	case NGHTTP2_GOAWAY:
	case NGHTTP2_CONTINUATION:
		return false;
	default:
		return true;
	}
}

static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *hd, void *data)
{
	struct h2 *h2 = data;
	uint64_t second;

	if (!is_idle_frame(hd))
		return 0;
	second = loop_now(h2->turn->loop) / 1000;
	if (second != h2->idle_second) {
		uint64_t earned = (second - h2->idle_second) * H2_IDLE_FRAMES_PER_S;

		h2->idle_frames = h2->idle_frames > earned ? h2->idle_frames - earned : 0;
		h2->idle_second = second;
	}
	if (++h2->idle_frames > H2_IDLE_FRAMES_BURST)
		return give_up(h2, "too many frames that carry nothing");
	return 0;
}

/* A frame of a type that nobody knows is dropped, once on_begin_frame has counted it. */
static int on_unknown(nghttp2_session *session, void **payload, const nghttp2_frame_hd *hd,
		      void *data)
{
	return NGHTTP2_ERR_CANCEL;
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
	struct h2 *h2 = data;

	drop_references(h2);
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

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, nghttp2_rcbuf *name,
		     nghttp2_rcbuf *value, uint8_t flags, void *data)
{
	struct h2 *h2 = data;
	struct http_text name_text, value_text;

	h2->head_bytes +=
		H2_FIELD_COST + nghttp2_rcbuf_get_buf(name).len + nghttp2_rcbuf_get_buf(value).len;
	if (h2->head_bytes > H2_HEAD_BYTES_MAX) // far more than any sidecar sends: a bomb
		return give_up(h2, "header fields without end");
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
static int on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame,
			     nghttp2_rcbuf *name, nghttp2_rcbuf *value, uint8_t flags, void *data)
{
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static void finish_head(struct h2 *h2, bool ended)
{
	struct http_head *head = &h2->head;
	const struct http_field *host = http_head_find(head, "host");
	const struct http_field *expect = http_head_find(head, "expect");

	head->keep_alive = true;
	head->minor = 1;
	head->expect_continue =
		expect && !ended && http_text_is_nocase(expect->value, "100-continue");
	head->framing = ended ? HTTP_BODY_NONE : HTTP_BODY_STREAM;
	if (!head->host.data && host)
		head->host = host->value;
	if (!head->host.data)
		head->host = HTTP_TEXT("");
}

static void dispatch_head(struct h2 *h2, const nghttp2_frame *frame)
{
	bool ended = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
	int32_t id = frame->hd.stream_id;
	void *stream = nghttp2_session_get_stream_user_data(h2->session, id);

	h2->head_begun = 0;
	finish_head(h2, ended);
	if (h2->side == H2_CLIENT && stream)
		h2_client_head(h2, stream, ended);
	else if (h2->side == H2_SERVER && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		h2_server_head(h2, id, ended);
	else if (h2->side == H2_SERVER && stream && ended)
		h2_server_trailers(h2, stream);
	drop_references(h2);
}

static void dispatch_data_end(struct h2 *h2, int32_t id)
{
	void *stream = nghttp2_session_get_stream_user_data(h2->session, id);

	if (stream && h2->side == H2_CLIENT)
		h2_client_ended(stream);
	else if (stream)
		h2_server_ended(stream);
}

static int on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
	struct h2 *h2 = data;

	if (frame->hd.type == NGHTTP2_HEADERS)
		dispatch_head(h2, frame);
	else if (frame->hd.type == NGHTTP2_DATA && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
		dispatch_data_end(h2, frame->hd.stream_id);
	else if (frame->hd.type == NGHTTP2_GOAWAY && h2->side == H2_CLIENT)
		h2->ops->refused(h2->owner);
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
		   size_t len, void *data)
{
	struct h2 *h2 = data;
	void *stream = nghttp2_session_get_stream_user_data(session, id);

	nghttp2_session_consume_connection(session, len);
	if (!stream)
		nghttp2_session_consume_stream(session, id, len);
	else if (h2->side == H2_CLIENT)
		h2_client_data(h2, id, stream, bytes, len);
	else
		h2_server_data(h2, stream, bytes, len);
	return 0;
}

/* Whoever gets bytes may open windows for them: per DATA frame the stream's and the connection's.
 */
static void earn_updates(struct h2 *h2, const nghttp2_frame_hd *sent)
{
	uint64_t earned = 2;

	if (sent->type == NGHTTP2_DATA)
		earned += sent->length / UPDATE_PAYS;
	else if (sent->type != NGHTTP2_HEADERS)
		return;
	h2->idle_frames -= earned < h2->idle_frames ? earned : h2->idle_frames;
}

static int on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
	struct h2 *h2 = data;
	void *stream;

	earn_updates(h2, &frame->hd);
	if (h2->side == H2_CLIENT || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM) ||
	    (frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS))
		return 0;
	stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	if (stream)
		h2_server_sent_end(stream);
	return 0;
}

/* A frame that nghttp2 would not send: without this its stream would hang. */
static int on_frame_not_send(nghttp2_session *session, const nghttp2_frame *frame, int error,
			     void *data)
{
	struct h2 *h2 = data;

	if (frame->hd.type == NGHTTP2_HEADERS && h2->side == H2_SERVER)
		nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
					  NGHTTP2_INTERNAL_ERROR);
	return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t error, void *data)
{
	struct h2 *h2 = data;
	void *stream = nghttp2_session_get_stream_user_data(session, id);

	if (h2->side == H2_CLIENT) {
		h2->n_streams--;
		if (stream)
			h2_client_closed(h2, stream, error);
	} else if (stream) {
		h2_server_closed(stream, error);
	}
	if (!h2->n_streams)
		h2->ops->quiet(h2->owner);
	return 0;
}

static nghttp2_session_callbacks *make_callbacks(void)
{
	nghttp2_session_callbacks *callbacks;

	if (nghttp2_session_callbacks_new(&callbacks) != 0)
		abort();
	nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
	nghttp2_session_callbacks_set_unpack_extension_callback(callbacks, on_unknown);
	nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback2(callbacks, on_header);
	nghttp2_session_callbacks_set_on_invalid_header_callback2(callbacks, on_invalid_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
	nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, on_frame_not_send);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
	return callbacks;
}

const struct h2_limits h2_link_limits = {.streams = LINK_STREAMS_MAX,
					 .resets_burst = H2_RESETS_BURST,
					 .resets_per_s = H2_RESETS_PER_S};

static const struct h2_limits *limits_of(const struct h2 *h2)
{
	return h2->ops->limits ? h2->ops->limits : &h2_link_limits;
}

static void submit_settings(struct h2 *h2)
{
	const nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW},
		{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits_of(h2)->streams},
		{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HTTP_HEADER_BYTES_MAX},
		{h2->side == H2_SERVER ? NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL
				       : NGHTTP2_SETTINGS_ENABLE_PUSH,
		 h2->side == H2_SERVER && h2->ops->tunnels},
	};

	nghttp2_submit_settings(h2->session, NGHTTP2_FLAG_NONE, settings, array_len(settings));
	nghttp2_session_set_local_window_size(h2->session, NGHTTP2_FLAG_NONE, 0, LINK_WINDOW);
}

/* What nghttp2 holds for the peer is counted like everything else. */
static void *count(struct h2 *h2, void *memory)
{
	size_t size = malloc_usable_size(memory);

	h2->memory += size;
	pool_add(size);
	return memory;
}

static void discount(struct h2 *h2, void *memory)
{
	size_t size = malloc_usable_size(memory);

	h2->memory -= size;
	pool_sub(size);
}

static void *counted_malloc(size_t size, void *h2)
{
	return count(h2, xmalloc(size));
}

static void counted_free(void *memory, void *h2)
{
	discount(h2, memory);
	free(memory);
}

static void *counted_calloc(size_t n, size_t size, void *h2)
{
	return count(h2, xcalloc(n, size));
}

static void *counted_realloc(void *memory, size_t size, void *h2)
{
	discount(h2, memory);
	return count(h2, xreallocarray(memory, size, 1));
}

struct h2 *h2_new(struct turn *turn, enum h2_side side, const struct h2_owner *ops, void *owner)
{
	struct h2 *h2 = xcalloc(1, sizeof(*h2));
	nghttp2_session_callbacks *callbacks = make_callbacks();
	nghttp2_mem mem = {.mem_user_data = h2,
			   .malloc = counted_malloc,
			   .free = counted_free,
			   .calloc = counted_calloc,
			   .realloc = counted_realloc};
	nghttp2_option *option;
	int failed;

	*h2 = (struct h2){.turn = turn, .side = side, .ops = ops, .owner = owner};
	LIST_INIT(&h2->clients);
	LIST_INIT(&h2->streams);
	if (nghttp2_option_new(&option) != 0)
		abort();
	nghttp2_option_set_no_auto_window_update(option, 1);
	nghttp2_option_set_no_closed_streams(option, 1);
	nghttp2_option_set_max_send_header_block_length(option, SENT_HEADERS_MAX);
	nghttp2_option_set_stream_reset_rate_limit(option, limits_of(h2)->resets_burst,
						   limits_of(h2)->resets_per_s);
	for (int type = NGHTTP2_CONTINUATION + 1; type <= UINT8_MAX; type++) // else not seen at all
		nghttp2_option_set_user_recv_extension_type(option, (uint8_t)type);
	failed = side == H2_CLIENT
			 ? nghttp2_session_client_new3(&h2->session, callbacks, h2, option, &mem)
			 : nghttp2_session_server_new3(&h2->session, callbacks, h2, option, &mem);
	if (failed)
		abort();
	nghttp2_option_del(option);
	nghttp2_session_callbacks_del(callbacks);
	submit_settings(h2);
	return h2;
}

void h2_free(struct h2 **h2, const char *reason)
{
	struct h2 *done = take_ptr(h2);
	struct exchange *x;

	if (!done)
		return;
	while ((x = LIST_FIRST(&done->clients))) {
		LIST_REMOVE(x, of_back);
		exchange_leave(x);
		x->repeatable = true;
		exchange_fail(x, 502, "%s", reason);
	}
	h2_server_close_all(done);
	drop_references(done);
	nghttp2_session_del(done->session);
	free(done);
}

bool h2_receive(struct h2 *h2, const uint8_t *data, size_t len, struct err *err)
{
	ssize_t used = nghttp2_session_mem_recv(h2->session, data, len);

	h2->ops->wake(h2->owner); // it may have something to acknowledge
	if (used >= 0)
		return true;
	nghttp2_session_terminate_session(h2->session, NGHTTP2_PROTOCOL_ERROR); // if not yet
	return err_set(err, ERR_PROTOCOL, "HTTP/2: %s",
		       h2->refusal ? h2->refusal : nghttp2_strerror((int)used));
}

ssize_t h2_produce(struct h2 *h2, const uint8_t **data)
{
	return nghttp2_session_mem_send(h2->session, data);
}

void h2_drain(struct h2 *h2)
{
	nghttp2_submit_shutdown_notice(h2->session);
	h2->ops->wake(h2->owner);
}

void h2_terminate(struct h2 *h2)
{
	nghttp2_session_terminate_session(h2->session, NGHTTP2_NO_ERROR);
	h2->ops->wake(h2->owner);
}

bool h2_over(const struct h2 *h2)
{
	return !nghttp2_session_want_read(h2->session) && !nghttp2_session_want_write(h2->session);
}

bool h2_may_open(const struct h2 *h2)
{
	return nghttp2_session_check_request_allowed(h2->session);
}

size_t h2_streams(const struct h2 *h2)
{
	return h2->n_streams;
}

uint64_t h2_head_begun(const struct h2 *h2)
{
	return h2->head_begun;
}

size_t h2_memory(const struct h2 *h2)
{
	return h2->memory;
}
