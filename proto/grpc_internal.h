// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the files of the gRPC server share: server → connections → streams → call. A stream
 * belongs to its connection and ends with it; a call belongs to whoever must answer it.
 */
#include <nghttp2/nghttp2.h>

#include "base/limits.h"
#include "proto/grpc_server.h"

struct grpc_call {
	struct grpc_stream *stream; // NULL: nobody waits for the answer any more
};

struct grpc_stream {
	struct grpc_conn *conn;
	struct grpc_stream *next; // of the connection
	int32_t id;
	const struct grpc_method *method;
	struct grpc_reader reader;
	size_t n_headers;
	bool is_post, content_type_ok, has_timeout, timeout_ok;
	uint64_t timeout_ms;
	bool request_ended, answered;
	bool ready; // the request is whole and waits for its handler
	struct grpc_call *call;
	struct loop_timer deadline;
	struct buf reply; // what is still to be sent as DATA
};

struct grpc_conn {
	struct grpc_server *server;
	struct grpc_conn *next; // of the server
	int fd;
	struct loop_io io;
	struct loop_timer check;
	nghttp2_session *session;
	struct buf out;
	struct grpc_stream *streams;
	size_t n_ready, n_calls;
	uint64_t active_ms;   // when bytes came or went last
	uint64_t wrote_ms;    // when the waiting bytes moved last
	uint64_t frames_ms;   // when frames_left was counted last
	uint64_t frames_left; // a bucket: GRPC_FRAMES_BURST, GRPC_FRAMES_PER_SECOND
	bool in_session;      // inside nghttp2: sending must wait
	bool dispatching;     // handlers run: whoever runs them frees a connection that closed
	bool closed;
};

struct grpc_server {
	struct loop *loop;
	const struct grpc_method *methods;
	size_t n_methods;
	void *owner;
	struct grpc_conn *conns;
	size_t n_conns;
};

/* grpc_session.c: what HTTP/2 says. NULL only when out of memory ends the process anyway. */
nghttp2_session *grpc_session_new(struct grpc_conn *conn);

/* grpc_conn.c */
void grpc_conn_open(struct grpc_server *server, int fd);
void grpc_conn_close(struct grpc_conn *conn); // frees it
bool grpc_conn_flush(struct grpc_conn *conn); // false: it was closed
bool grpc_conn_count_frame(struct grpc_conn *conn);

/* grpc_call.c */
struct grpc_stream *grpc_stream_new(struct grpc_conn *conn, int32_t id);
void grpc_stream_free(struct grpc_stream *stream);
void grpc_stream_header(struct grpc_stream *stream, const char *name, size_t name_len,
			const char *value, size_t value_len);
void grpc_stream_headers_done(struct grpc_stream *stream);
void grpc_stream_data(struct grpc_stream *stream, const uint8_t *data, size_t len);
void grpc_stream_end(struct grpc_stream *stream);
void grpc_stream_dispatch(struct grpc_stream *stream); // runs the handler; may close the connection
