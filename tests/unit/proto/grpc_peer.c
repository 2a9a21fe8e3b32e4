// SPDX-License-Identifier: GPL-3.0-or-later
#include "grpc_peer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "capakit/control/v1/control.pb-c.h"

struct later {
	struct loop_timer timer;
	struct server *server;
	struct grpc_call *call;
	uint32_t n;
};

struct server {
	struct loop *loop;
	struct loop_io accept, stop;
	struct grpc_server *grpc;
	struct grpc_call *never[2000];
	size_t n_never, n_later;
	bool stopping;
};

static uint32_t number(const ProtobufCMessage *request)
{
	return ((const Capakit__Control__V1__StopRequest *)(const void *)request)->grace_ms;
}

static void reply_name(struct grpc_call *call, char *name)
{
	Capakit__Control__V1__GetStatusResponse reply =
		CAPAKIT__CONTROL__V1__GET_STATUS_RESPONSE__INIT;
	Capakit__Control__V1__App app = CAPAKIT__CONTROL__V1__APP__INIT;

	app.name = name;
	reply.app = &app;
	grpc_call_reply(call, &reply.base);
}

static void reply_number(struct grpc_call *call, uint32_t n)
{
	auto_free char *name = xasprintf("%u", n);

	reply_name(call, name);
}

static void on_echo(void *owner, const ProtobufCMessage *request, struct grpc_call *call)
{
	reply_number(call, number(request));
}

static void on_big(void *owner, const ProtobufCMessage *request, struct grpc_call *call)
{
	auto_free char *name = xcalloc(number(request) + 1, 1);

	memset(name, 'x', number(request));
	reply_name(call, name);
}

static void on_later_timer(struct loop_timer *timer)
{
	struct later *later = container_of(timer, struct later, timer);

	reply_number(later->call, later->n);
	if (--later->server->n_later == 0 && later->server->stopping)
		loop_stop(later->server->loop);
	free(later);
}

static void on_later(void *owner, const ProtobufCMessage *request, struct grpc_call *call)
{
	struct later *later = xcalloc(1, sizeof(*later));

	later->server = owner;
	later->server->n_later++;
	later->call = call;
	later->n = number(request);
	loop_timer_init(&later->timer, later->server->loop, on_later_timer);
	loop_timer_start(&later->timer, 50);
}

static void on_never(void *owner, const ProtobufCMessage *request, struct grpc_call *call)
{
	struct server *server = owner;

	server->never[server->n_never++] = call;
}

static void on_fail(void *owner, const ProtobufCMessage *request, struct grpc_call *call)
{
	grpc_call_fail(call, GRPC_PERMISSION_DENIED, "not you,\n100%");
}

static void on_free(void *owner, const ProtobufCMessage *request, struct grpc_call *call)
{
	struct server *server = owner;

	reply_number(call, number(request));
	grpc_server_free(&server->grpc);
}

static const struct grpc_method METHODS[] = {
	{"/t/Echo", &capakit__control__v1__stop_request__descriptor, on_echo},
	{"/t/Big", &capakit__control__v1__stop_request__descriptor, on_big},
	{"/t/Later", &capakit__control__v1__stop_request__descriptor, on_later},
	{"/t/Never", &capakit__control__v1__stop_request__descriptor, on_never},
	{"/t/Fail", &capakit__control__v1__stop_request__descriptor, on_fail},
	{"/t/Free", &capakit__control__v1__stop_request__descriptor, on_free},
};

static void on_accept(struct loop_io *io, int events)
{
	struct server *server = container_of(io, struct server, accept);
	int fd = accept4(io->ev.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0 && server->grpc)
		grpc_server_accept(server->grpc, fd);
	else
		fd_close(&fd);
}

static void on_stop(struct loop_io *io, int events)
{
	struct server *server = container_of(io, struct server, stop);

	loop_io_stop(io);
	server->stopping = true;
	if (server->n_later == 0)
		loop_stop(io->loop);
}

static void serve(int listener, int stop)
{
	struct server server = {0};
	struct err err;

	server.loop = loop_new(&err);
	server.grpc = grpc_server_new(server.loop, METHODS, array_len(METHODS), &server);
	loop_io_init(&server.accept, server.loop, listener, on_accept);
	loop_io_want(&server.accept, LOOP_READ);
	loop_io_init(&server.stop, server.loop, stop, on_stop);
	loop_io_want(&server.stop, LOOP_READ);
	loop_run(server.loop);
	loop_io_stop(&server.accept);
	loop_io_stop(&server.stop);
	grpc_server_free(&server.grpc);
	for (size_t i = 0; i < server.n_never; i++)
		reply_number(server.never[i], 0); // answering after the end is fine
	loop_free(&server.loop);
	fd_close(&listener);
	fd_close(&stop);
	exit(0);
}

static int listen_at(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path + 1, name, strlen(name));
	assert_int_equal(bind(fd, (void *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 128), 0);
	return fd;
}

void grpc_peer_start(struct grpc_peer *peer)
{
	static int count;
	int stop[2];

	(void)snprintf(peer->name, sizeof(peer->name), "grpc-test-%d-%d", (int)getpid(), count++);
	peer->listener = listen_at(peer->name);
	assert_int_equal(pipe(stop), 0);
	(void)fflush(NULL);
	peer->pid = fork();
	assert_true(peer->pid >= 0);
	if (peer->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, 9);
		(void)close(stop[1]);
		serve(peer->listener, stop[0]);
	}
	(void)close(stop[0]);
	peer->stop = stop[1];
}

int grpc_peer_connect(const struct grpc_peer *peer)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct err err;

	memcpy(address.sun_path + 1, peer->name, strlen(peer->name));
	assert_int_equal(connect(fd, (void *)&address, sizeof(address)), 0);
	assert_true(fd_set_nonblocking(fd, &err));
	return fd;
}

void grpc_peer_finish(struct grpc_peer *peer)
{
	int status = -1;

	fd_close(&peer->stop);
	fd_close(&peer->listener);
	assert_int_equal(waitpid(peer->pid, &status, 0), peer->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

struct raw {
	struct raw_answer answer;
	const struct raw_request *request;
	size_t sent;
};

static void keep(char *place, size_t room, const uint8_t *value, size_t len)
{
	(void)snprintf(place, room, "%.*s", (int)len, (const char *)value);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
		     size_t name_len, const uint8_t *value, size_t len, uint8_t flags, void *user)
{
	struct raw_answer *answer = &((struct raw *)user)->answer;
	auto_free char *key = xstrndup((const char *)name, name_len);

	if (str_eq(key, ":status"))
		keep(answer->http, sizeof(answer->http), value, len);
	if (str_eq(key, "grpc-status"))
		keep(answer->status, sizeof(answer->status), value, len);
	if (str_eq(key, "grpc-message"))
		keep(answer->text, sizeof(answer->text), value, len);
	if (str_eq(key, "grpc-accept-encoding"))
		keep(answer->accepts, sizeof(answer->accepts), value, len);
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
		   size_t len, void *user)
{
	((struct raw *)user)->answer.data += len;
	return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *user)
{
	((struct raw *)user)->answer.closed = true;
	return 0;
}

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *place, size_t room,
			 uint32_t *flags, nghttp2_data_source *source, void *user)
{
	struct raw *raw = user;
	size_t left = raw->request->body_len - raw->sent;
	size_t n = left < room ? left : room;

	if (n == 0 && raw->request->endless)
		return NGHTTP2_ERR_DEFERRED;
	if (n > 0)
		memcpy(place, raw->request->body + raw->sent, n);
	raw->sent += n;
	if (n == left && !raw->request->endless)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static nghttp2_nv header(const char *name, const char *value)
{
	return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
			    strlen(value), 0};
}

static void submit(nghttp2_session *session, const struct raw_request *request)
{
	nghttp2_data_provider body = {.read_callback = read_body};
	nghttp2_nv headers[128];
	size_t n = 0;

	headers[n++] = header(":method", request->method ? request->method : "POST");
	headers[n++] = header(":scheme", "http");
	headers[n++] = header(":path", request->path);
	headers[n++] = header(":authority", "localhost");
	headers[n++] = header("content-type",
			      request->content_type ? request->content_type : "application/grpc");
	if (request->timeout)
		headers[n++] = header("grpc-timeout", request->timeout);
	for (size_t i = 0; i < request->more_headers; i++)
		headers[n++] = header("x-more", "y");
	assert_true(nghttp2_submit_request(session, NULL, headers, n, &body, NULL) > 0);
}

static nghttp2_session *new_session(struct raw *raw)
{
	nghttp2_session_callbacks *callbacks;
	nghttp2_session *session;

	assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
	assert_int_equal(nghttp2_session_client_new(&session, callbacks, raw), 0);
	nghttp2_session_callbacks_del(callbacks);
	(void)nghttp2_submit_settings(session, 0, NULL, 0);
	return session;
}

static void send_all(nghttp2_session *session, int fd)
{
	const uint8_t *data;
	ssize_t len;
	struct err err;

	while ((len = nghttp2_session_mem_send(session, &data)) > 0)
		if (!fd_write_all(fd, data, (size_t)len, &err))
			return;
}

struct raw_answer raw_call(const struct grpc_peer *peer, const struct raw_request *request)
{
	struct raw raw = {.request = request};
	nghttp2_session *session = new_session(&raw);
	auto_fd int fd = grpc_peer_connect(peer);
	uint8_t data[16384];
	ssize_t n = 1;

	submit(session, request);
	while (n > 0 && !raw.answer.closed) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};

		send_all(session, fd);
		if (poll(&wait, 1, 5000) != 1)
			break;
		n = recv(fd, data, sizeof(data), 0);
		if (n > 0)
			assert_int_equal(nghttp2_session_mem_recv(session, data, (size_t)n), n);
	}
	nghttp2_session_del(session);
	return raw.answer;
}

bool closed_within(int fd, unsigned ms)
{
	char data[16384];

	for (;;) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (poll(&wait, 1, (int)ms) != 1)
			return false;
		n = recv(fd, data, sizeof(data), 0);
		if (n <= 0)
			return true;
	}
}
