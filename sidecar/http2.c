// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The nghttp2 session of both sides: settings, callbacks, flow control. Windows open only as bytes
 * are passed on (no automatic update), so that a slow reader at the far end stops the writer at
 * this one; the window of the connection opens at once, so that one slow stream does not hold up
 * the others. nghttp2's mem_send and mem_recv are called by h2_produce and h2_receive alone, never
 * from callbacks.
 */
#include <malloc.h>

#include "base/mem.h"
#include "sidecar/http2_parts.h"

enum {
	SENT_HEADERS_MAX = 4 * HTTP_HEADER_BYTES_MAX, // what the parser let pass, and its packing
	UPDATE_PAYS = 1024, // bytes of DATA for which one WINDOW_UPDATE is welcome
};

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

static int end_session(struct h2 *h2, uint32_t error, const char *why)
{
	h2->refusal = why;
	nghttp2_session_terminate_session(h2->session, error);
	return NGHTTP2_ERR_CALLBACK_FAILURE;
}

int h2_give_up(struct h2 *h2, const char *why)
{
	return end_session(h2, NGHTTP2_ENHANCE_YOUR_CALM, why);
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

	if (hd->type == NGHTTP2_HEADERS && h2->side == H2_SERVER &&
	    !h2_numbers_take(&h2->numbers, (uint32_t)hd->stream_id))
		return end_session(h2, NGHTTP2_PROTOCOL_ERROR, "a stream that was skipped");
	if (!is_idle_frame(hd))
		return 0;
	second = loop_now(h2->turn->loop) / 1000;
	if (second != h2->idle_second) {
		uint64_t earned = (second - h2->idle_second) * H2_IDLE_FRAMES_PER_S;

		h2->idle_frames = h2->idle_frames > earned ? h2->idle_frames - earned : 0;
		h2->idle_second = second;
	}
	if (++h2->idle_frames > H2_IDLE_FRAMES_BURST)
		return h2_give_up(h2, "too many frames that carry nothing");
	return 0;
}

/* A frame of a type that nobody knows is dropped, once on_begin_frame has counted it. */
static int on_unknown(nghttp2_session *session, void **payload, const nghttp2_frame_hd *hd,
		      void *data)
{
	return NGHTTP2_ERR_CANCEL;
}

static void dispatch_head(struct h2 *h2, const nghttp2_frame *frame)
{
	bool ended = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
	int32_t id = frame->hd.stream_id;
	void *stream = nghttp2_session_get_stream_user_data(h2->session, id);

	h2->head_begun = 0;
	h2_head_finish(h2, ended);
	if (h2->side == H2_CLIENT && stream)
		h2_client_head(h2, stream, ended);
	else if (h2->side == H2_SERVER && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		h2_server_head(h2, id, ended);
	else if (h2->side == H2_SERVER && stream && ended)
		h2_server_trailers(h2, stream);
	h2_head_drop(h2);
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
	nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, h2_head_begin);
	nghttp2_session_callbacks_set_on_header_callback2(callbacks, h2_head_field);
	nghttp2_session_callbacks_set_on_invalid_header_callback2(callbacks, h2_head_bad_field);
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
	h2_head_drop(done);
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

size_t h2_memory(const struct h2 *h2)
{
	return h2->memory;
}
