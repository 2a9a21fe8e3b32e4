// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The command line's side of the control API: one connection, one call, one answer. It waits with
 * poll(2) instead of an event loop, since a command has nothing else to do meanwhile.
 */
#include "proto/grpc_client.h"

#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/limits.h"
#include "base/mem.h"

enum { READ_SIZE = 16 * 1024, STATUS_TEXT_MAX = 512 };

struct call {
	int fd;
	nghttp2_session *session;
	struct buf out;	    // framed request bytes that the socket has not taken yet
	struct buf request; // prefix and message, to be sent as DATA
	struct grpc_reader reply;
	struct grpc_verdict verdict; // of the reply's framing
	bool goodbye;		     // GOAWAY, in good order
	bool answered, http_ok, has_status, done;
	unsigned status;
	char status_text[STATUS_TEXT_MAX];
};

static uint64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool name_is(const uint8_t *name, size_t len, const char *expected)
{
	return len == strlen(expected) && memcmp(name, expected, len) == 0;
}

static void take_status_text(struct call *call, const char *value, size_t len)
{
	auto_buf struct buf text;
	auto_free char *decoded = NULL;

	buf_init(&text, STATUS_TEXT_MAX - 1);
	grpc_message_decode(&text, value, len);
	decoded = buf_take_str(&text);
	(void)snprintf(call->status_text, sizeof(call->status_text), "%s", decoded);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
		     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
		     void *user)
{
	struct call *call = user;

	call->answered = true;
	if (name_is(name, name_len, ":status"))
		call->http_ok = name_is(value, value_len, "200");
	else if (name_is(name, name_len, "grpc-status"))
		call->has_status = grpc_status_parse((const char *)value, value_len, &call->status);
	else if (name_is(name, name_len, "grpc-message"))
		take_status_text(call, (const char *)value, value_len);
	return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code == NGHTTP2_NO_ERROR)
		((struct call *)user)->goodbye = true;
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
		   size_t len, void *user)
{
	struct call *call = user;

	if (call->verdict.status == GRPC_OK)
		call->verdict = grpc_reader_feed(&call->reply, data, len);
	return call->verdict.status == GRPC_OK ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t code, void *user)
{
	((struct call *)user)->done = true;
	return 0;
}

static ssize_t read_request(nghttp2_session *session, int32_t id, uint8_t *place, size_t room,
			    uint32_t *flags, nghttp2_data_source *source, void *user)
{
	struct buf *request = source->ptr;
	size_t n = buf_len(request) < room ? buf_len(request) : room;

	memcpy(place, buf_bytes(request), n);
	buf_consume(request, n);
	if (buf_len(request) == 0)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static bool open_session(struct call *call, struct err *err)
{
	nghttp2_session_callbacks *callbacks = NULL;
	nghttp2_settings_entry no_push = {NGHTTP2_SETTINGS_ENABLE_PUSH, 0};
	int failed;

	if (nghttp2_session_callbacks_new(&callbacks) != 0)
		return err_set(err, ERR_SYSTEM, "no memory for an HTTP/2 session");
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
	failed = nghttp2_session_client_new(&call->session, callbacks, call);
	nghttp2_session_callbacks_del(callbacks);
	if (failed)
		return err_set(err, ERR_SYSTEM, "no memory for an HTTP/2 session");
	(void)nghttp2_submit_settings(call->session, NGHTTP2_FLAG_NONE, &no_push, 1);
	return true;
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

static bool submit(struct call *call, const char *path, unsigned timeout_ms, struct err *err)
{
	nghttp2_data_provider provider = {.source.ptr = &call->request,
					  .read_callback = read_request};
	auto_free char *timeout = xasprintf("%um", timeout_ms);
	nghttp2_nv headers[] = {
		header(":method", "POST"),	 header(":scheme", "http"),
		header(":path", path),		 header(":authority", "localhost"),
		header("te", "trailers"),	 header("content-type", "application/grpc"),
		header("grpc-timeout", timeout),
	};

	if (nghttp2_submit_request(call->session, NULL, headers, array_len(headers), &provider,
				   NULL) < 0)
		return err_set(err, ERR_PROTOCOL, "the HTTP/2 request cannot be made");
	return true;
}

static bool send_some(struct call *call, struct err *err)
{
	while (buf_len(&call->out) == 0) {
		const uint8_t *data;
		ssize_t len = nghttp2_session_mem_send(call->session, &data);

		if (len == 0)
			return true;
		if (len < 0 || !buf_append(&call->out, data, (size_t)len))
			return err_set(err, ERR_PROTOCOL, "HTTP/2: %s", nghttp2_strerror((int)len));
	}
	while (buf_len(&call->out) > 0) {
		ssize_t n = send(call->fd, buf_bytes(&call->out), buf_len(&call->out),
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			return true;
		if (n < 0 && errno != EINTR)
			return err_set(err, ERR_CLOSED, "the app closed the connection");
		if (n > 0)
			buf_consume(&call->out, (size_t)n);
	}
	return true;
}

static bool receive_some(struct call *call, struct err *err)
{
	uint8_t data[READ_SIZE];
	ssize_t n = recv(call->fd, data, sizeof(data), MSG_DONTWAIT);
	ssize_t taken;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return err_set(err, ERR_CLOSED, "the app closed the connection");
	taken = nghttp2_session_mem_recv(call->session, data, (size_t)n);
	if (call->verdict.status != GRPC_OK)
		return err_set(err, ERR_PROTOCOL, "the answer is not valid: %s",
			       call->verdict.text);
	if (taken < 0)
		return err_set(err, ERR_PROTOCOL, "the answer is not HTTP/2: %s",
			       nghttp2_strerror((int)taken));
	return true;
}

/* GOAWAY or a reset: it ends while it is asked. */
static bool end_without_answer(struct err *err)
{
	return err_set(err, ERR_CLOSED, "the app ended the call without an answer");
}

static bool exchange(struct call *call, unsigned timeout_ms, struct err *err)
{
	uint64_t deadline = now_ms() + timeout_ms;

	while (!call->done) {
		struct pollfd wait = {.fd = call->fd, .events = POLLIN};
		uint64_t now = now_ms();

		if (now >= deadline)
			return err_set(err, ERR_TIMEOUT, "no answer within %u ms", timeout_ms);
		if (!send_some(call, err))
			return false;
		if (!nghttp2_session_want_read(call->session) && call->goodbye)
			return end_without_answer(err);
		if (!nghttp2_session_want_read(call->session))
			return err_set(err, ERR_PROTOCOL, "the answer is not valid HTTP/2");
		if (buf_len(&call->out) > 0 || nghttp2_session_want_write(call->session))
			wait.events |= POLLOUT;
		(void)poll(&wait, 1, (int)(deadline - now));
		if ((wait.revents & (POLLIN | POLLHUP | POLLERR)) && !receive_some(call, err))
			return false;
	}
	return true;
}

static enum err_code code_of(unsigned status)
{
	switch (status) {
	case GRPC_DEADLINE_EXCEEDED:
		return ERR_TIMEOUT;
	case GRPC_NOT_FOUND:
		return ERR_MISSING;
	case GRPC_PERMISSION_DENIED:
		return ERR_DENIED;
	case GRPC_RESOURCE_EXHAUSTED:
		return ERR_LIMIT;
	case GRPC_UNIMPLEMENTED:
		return ERR_UNSUPPORTED;
	case GRPC_UNAVAILABLE:
		return ERR_CLOSED;
	case GRPC_CANCELLED:
		return ERR_CANCELLED;
	default:
		return ERR_PROTOCOL;
	}
}

static ProtobufCMessage *judge(struct call *call, const ProtobufCMessageDescriptor *type,
			       struct err *err)
{
	struct grpc_verdict verdict = grpc_reader_finish(&call->reply);
	ProtobufCMessage *reply;

	if (!call->answered) {
		end_without_answer(err);
		return NULL;
	}
	if (!call->http_ok || !call->has_status) {
		err_set(err, ERR_PROTOCOL, "the answer is not a gRPC answer");
		return NULL;
	}
	if (call->status != GRPC_OK) {
		err_set(err, code_of(call->status), "%s (gRPC status %u)", call->status_text,
			call->status);
		return NULL;
	}
	if (verdict.status != GRPC_OK) {
		err_set(err, ERR_PROTOCOL, "the answer is not valid: %s", verdict.text);
		return NULL;
	}
	reply = protobuf_c_message_unpack(type, NULL, buf_len(&call->reply.message),
					  buf_bytes(&call->reply.message));
	if (!reply)
		err_set(err, ERR_PROTOCOL, "the answer cannot be decoded");
	return reply;
}

ProtobufCMessage *grpc_client_call(int fd, const char *path, const ProtobufCMessage *request,
				   const ProtobufCMessageDescriptor *reply_type,
				   unsigned timeout_ms, struct err *err)
{
	struct call call = {.fd = fd};
	ProtobufCMessage *reply = NULL;

	buf_init(&call.out, GRPC_OUTPUT_MAX);
	buf_init(&call.request, GRPC_REQUEST_MAX + GRPC_PREFIX);
	grpc_reader_init(&call.reply, GRPC_REPLY_MAX);
	if (!grpc_frame_append(&call.request, request))
		err_set(err, ERR_LIMIT, "the request is larger than %zu bytes", GRPC_REQUEST_MAX);
	else if (open_session(&call, err) && submit(&call, path, timeout_ms, err) &&
		 exchange(&call, timeout_ms, err))
		reply = judge(&call, reply_type, err);
	nghttp2_session_del(call.session);
	buf_free(&call.out);
	buf_free(&call.request);
	grpc_reader_free(&call.reply);
	return reply;
}
