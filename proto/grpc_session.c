// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The server's HTTP/2 session: nghttp2 tells what arrived, and this file passes it to the stream
 * it belongs to. Nothing is sent from here, since these callbacks run inside of nghttp2.
 */
#include "proto/grpc_internal.h"

enum { HEADER_LIST_MAX = 16 * 1024 };

static struct grpc_stream *stream_of(nghttp2_session *session, int32_t id)
{
	return nghttp2_session_get_stream_user_data(session, id);
}

static bool is_request(const nghttp2_frame *frame)
{
	return frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
}

static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *hd, void *user)
{
	if (!grpc_conn_count_frame(user))
		(void)nghttp2_session_terminate_session(session, NGHTTP2_ENHANCE_YOUR_CALM);
	return 0;
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	int32_t id = frame->hd.stream_id;

	if (is_request(frame))
		(void)nghttp2_session_set_stream_user_data(session, id, grpc_stream_new(user, id));
	return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
		     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
		     void *user)
{
	struct grpc_stream *stream = stream_of(session, frame->hd.stream_id);

	if (stream && is_request(frame))
		grpc_stream_header(stream, (const char *)name, name_len, (const char *)value,
				   value_len);
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
		   size_t len, void *user)
{
	struct grpc_stream *stream = stream_of(session, id);

	if (stream)
		grpc_stream_data(stream, data, len);
	return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	struct grpc_stream *stream = stream_of(session, frame->hd.stream_id);

	if (!stream)
		return 0;
	if (is_request(frame))
		grpc_stream_headers_done(stream);
	if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
	    (frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
		grpc_stream_end(stream);
	return 0;
}

/* An answer that came before the request was whole: the rest of the request is not wanted. */
static int on_frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	struct grpc_stream *stream = stream_of(session, frame->hd.stream_id);

	if (stream && frame->hd.type == NGHTTP2_HEADERS && !stream->request_ended &&
	    (frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
		(void)nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream->id,
						NGHTTP2_NO_ERROR);
	return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t code, void *user)
{
	struct grpc_stream *stream = stream_of(session, id);

	if (stream)
		grpc_stream_free(stream);
	return 0;
}

static void submit_settings(nghttp2_session *session)
{
	nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, GRPC_STREAMS_MAX},
		{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HEADER_LIST_MAX},
	};

	(void)nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings,
				      sizeof(settings) / sizeof(settings[0]));
}

nghttp2_session *grpc_session_new(struct grpc_conn *conn)
{
	nghttp2_session_callbacks *callbacks = NULL;
	nghttp2_session *session = NULL;

	if (nghttp2_session_callbacks_new(&callbacks) != 0)
		return NULL;
	nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
	nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
	nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
	if (nghttp2_session_server_new(&session, callbacks, conn) == 0)
		submit_settings(session);
	nghttp2_session_callbacks_del(callbacks);
	return session;
}
