// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One call from its headers to its answer. A stream is refused as soon as something is wrong with
 * it; otherwise its message is collected, and the handler runs once HTTP/2 has returned, so that
 * a handler may do anything, freeing the server too.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "proto/grpc_internal.h"

static void answer_status(struct grpc_stream *stream, enum grpc_status status, const char *text);

static void on_deadline(struct loop_timer *timer)
{
	struct grpc_stream *stream = container_of(timer, struct grpc_stream, deadline);
	struct grpc_conn *conn = stream->conn;

	answer_status(stream, GRPC_DEADLINE_EXCEEDED, "the deadline of the call has passed");
	(void)grpc_conn_flush(conn);
}

struct grpc_stream *grpc_stream_new(struct grpc_conn *conn, int32_t id)
{
	struct grpc_stream *stream = xcalloc(1, sizeof(*stream));

	stream->conn = conn;
	stream->id = id;
	grpc_reader_init(&stream->reader, GRPC_REQUEST_MAX);
	buf_init(&stream->reply, GRPC_REPLY_MAX + GRPC_PREFIX);
	loop_timer_init(&stream->deadline, conn->server->loop, on_deadline);
	stream->next = conn->streams;
	conn->streams = stream;
	return stream;
}

static void forget_call(struct grpc_stream *stream)
{
	if (!stream->call)
		return;
	stream->call->stream = NULL; // it is freed by whoever answers it
	stream->call = NULL;
	stream->conn->n_calls--;
}

static void forget_ready(struct grpc_stream *stream)
{
	if (stream->ready)
		stream->conn->n_ready--;
	stream->ready = false;
}

void grpc_stream_free(struct grpc_stream *stream)
{
	struct grpc_stream **link = &stream->conn->streams;

	while (*link != stream)
		link = &(*link)->next;
	*link = stream->next;
	forget_call(stream);
	forget_ready(stream);
	loop_timer_stop(&stream->deadline);
	grpc_reader_free(&stream->reader);
	buf_free(&stream->reply);
	free(stream);
}

static nghttp2_nv header(const char *name, const char *value)
{
	return (nghttp2_nv){
		.name = (uint8_t *)(uintptr_t)name,
		.namelen = strlen(name),
		.value = (uint8_t *)(uintptr_t)value,
		.valuelen = strlen(value),
	};
}

/* The answer is under way: nobody else may give one. */
static void mark_answered(struct grpc_stream *stream)
{
	stream->answered = true;
	loop_timer_stop(&stream->deadline);
	forget_call(stream);
	forget_ready(stream);
}

static void answer_status(struct grpc_stream *stream, enum grpc_status status, const char *text)
{
	auto_buf struct buf message = {.max = 4 * KIB};
	auto_free char *encoded = NULL;
	char number[8];
	nghttp2_nv headers[5];
	size_t n = 0;

	if (stream->answered)
		return;
	mark_answered(stream);
	grpc_message_encode(&message, text);
	encoded = buf_take_str(&message);
	(void)snprintf(number, sizeof(number), "%d", (int)status);
	headers[n++] = header(":status", "200");
	headers[n++] = header("content-type", "application/grpc");
	headers[n++] = header("grpc-accept-encoding", "identity");
	headers[n++] = header("grpc-status", number);
	headers[n++] = header("grpc-message", encoded);
	(void)nghttp2_submit_response(stream->conn->session, stream->id, headers, n, NULL);
}

/* What is not gRPC at all gets an HTTP status instead. */
static void answer_http(struct grpc_stream *stream, const char *status)
{
	nghttp2_nv headers[] = {header(":status", status), header("content-length", "0")};

	mark_answered(stream);
	(void)nghttp2_submit_response(stream->conn->session, stream->id, headers,
				      array_len(headers), NULL);
}

static ssize_t read_reply(nghttp2_session *session, int32_t id, uint8_t *place, size_t room,
			  uint32_t *flags, nghttp2_data_source *source, void *user)
{
	struct grpc_stream *stream = source->ptr;
	size_t len = buf_len(&stream->reply);
	size_t n = len < room ? len : room;

	memcpy(place, buf_bytes(&stream->reply), n);
	buf_consume(&stream->reply, n);
	if (n == len) {
		nghttp2_nv trailer = header("grpc-status", "0");

		*flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
		(void)nghttp2_submit_trailer(session, id, &trailer, 1);
	}
	return (ssize_t)n;
}

static void answer_message(struct grpc_stream *stream, const ProtobufCMessage *reply)
{
	nghttp2_data_provider provider = {.source.ptr = stream, .read_callback = read_reply};
	nghttp2_nv headers[] = {header(":status", "200"),
				header("content-type", "application/grpc"),
				header("grpc-accept-encoding", "identity")};

	if (!grpc_frame_append(&stream->reply, reply)) {
		answer_status(stream, GRPC_RESOURCE_EXHAUSTED, "the reply is too large");
		return;
	}
	mark_answered(stream);
	(void)nghttp2_submit_response(stream->conn->session, stream->id, headers,
				      array_len(headers), &provider);
}

static bool name_is(const char *name, size_t len, const char *expected)
{
	return len == strlen(expected) && memcmp(name, expected, len) == 0;
}

static const struct grpc_method *find_method(const struct grpc_server *server, const char *path,
					     size_t len)
{
	for (size_t i = 0; i < server->n_methods; i++)
		if (name_is(path, len, server->methods[i].path))
			return &server->methods[i];
	return NULL;
}

static void take_timeout(struct grpc_stream *stream, const char *value, size_t len)
{
	stream->has_timeout = true;
	stream->timeout_ok = grpc_timeout_parse(value, len, &stream->timeout_ms);
}

void grpc_stream_header(struct grpc_stream *stream, const char *name, size_t name_len,
			const char *value, size_t value_len)
{
	if (++stream->n_headers > GRPC_HEADERS_MAX)
		return;
	if (name_is(name, name_len, ":method"))
		stream->is_post = name_is(value, value_len, "POST");
	else if (name_is(name, name_len, ":path"))
		stream->method = find_method(stream->conn->server, value, value_len);
	else if (name_is(name, name_len, "content-type"))
		stream->content_type_ok = grpc_content_type_ok(value, value_len);
	else if (name_is(name, name_len, "grpc-timeout"))
		take_timeout(stream, value, value_len);
}

void grpc_stream_headers_done(struct grpc_stream *stream)
{
	if (stream->n_headers > GRPC_HEADERS_MAX)
		answer_http(stream, "431");
	else if (!stream->is_post)
		answer_http(stream, "405");
	else if (!stream->content_type_ok)
		answer_http(stream, "415");
	else if (!stream->method)
		answer_status(stream, GRPC_UNIMPLEMENTED, "there is no such method");
	else if (stream->has_timeout && !stream->timeout_ok)
		answer_status(stream, GRPC_INVALID_ARGUMENT, "grpc-timeout cannot be read");
	else if (stream->has_timeout)
		loop_timer_start(&stream->deadline, stream->timeout_ms);
}

static bool refused(struct grpc_stream *stream, struct grpc_verdict verdict)
{
	if (verdict.status == GRPC_OK)
		return false;
	answer_status(stream, verdict.status, verdict.text);
	return true;
}

void grpc_stream_data(struct grpc_stream *stream, const uint8_t *data, size_t len)
{
	if (!stream->answered)
		(void)refused(stream, grpc_reader_feed(&stream->reader, data, len));
}

void grpc_stream_end(struct grpc_stream *stream)
{
	stream->request_ended = true;
	if (stream->answered || refused(stream, grpc_reader_finish(&stream->reader)))
		return;
	stream->ready = true;
	stream->conn->n_ready++;
}

void grpc_stream_dispatch(struct grpc_stream *stream)
{
	const struct grpc_method *method = stream->method;
	struct grpc_call *call;
	ProtobufCMessage *request;

	forget_ready(stream);
	request = protobuf_c_message_unpack(method->request, NULL, buf_len(&stream->reader.message),
					    buf_bytes(&stream->reader.message));
	if (!request) {
		answer_status(stream, GRPC_INTERNAL, "the message cannot be decoded");
		return;
	}
	call = xcalloc(1, sizeof(*call));
	call->stream = stream;
	stream->call = call;
	stream->conn->n_calls++;
	method->handler(stream->conn->server->owner, request, call);
	protobuf_c_message_free_unpacked(request, NULL);
}

/* Ends the call object and gives its stream, or NULL when nobody waits any more. */
static struct grpc_stream *finish_call(struct grpc_call *call)
{
	struct grpc_stream *stream = call->stream;

	if (stream)
		forget_call(stream);
	free(call);
	return stream;
}

void grpc_call_reply(struct grpc_call *call, const ProtobufCMessage *reply)
{
	struct grpc_stream *stream = finish_call(call);
	struct grpc_conn *conn = stream ? stream->conn : NULL;

	if (!stream)
		return;
	answer_message(stream, reply);
	(void)grpc_conn_flush(conn);
}

void grpc_call_fail(struct grpc_call *call, enum grpc_status status, const char *text)
{
	struct grpc_stream *stream = finish_call(call);
	struct grpc_conn *conn = stream ? stream->conn : NULL;

	if (!stream)
		return;
	answer_status(stream, status, text);
	(void)grpc_conn_flush(conn);
}
