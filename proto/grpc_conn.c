// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One connection of the gRPC server: bytes in, bytes out, and the reasons to end it. It may be
 * closed inside of any handler, so whoever ran one asks whether the connection is still there.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "proto/grpc_internal.h"

enum {
	READ_SIZE = 16 * 1024,
	OUT_FILL = 32 * 1024, // one more frame always fits between this and GRPC_OUTPUT_MAX
	CHECK_MS = 5000,
};

bool grpc_conn_count_frame(struct grpc_conn *conn)
{
	uint64_t now = loop_now(conn->server->loop);
	uint64_t earned = (now - conn->frames_ms) * GRPC_FRAMES_PER_SECOND / 1000;

	if (earned > 0) {
		conn->frames_left += earned;
		if (conn->frames_left > GRPC_FRAMES_BURST)
			conn->frames_left = GRPC_FRAMES_BURST;
		conn->frames_ms = now;
	}
	if (conn->frames_left == 0)
		return false;
	conn->frames_left--;
	return true;
}

static void unlink_conn(struct grpc_conn *conn)
{
	struct grpc_conn **link = &conn->server->conns;

	while (*link != conn)
		link = &(*link)->next;
	*link = conn->next;
	conn->server->n_conns--;
}

void grpc_conn_close(struct grpc_conn *conn)
{
	unlink_conn(conn);
	while (conn->streams)
		grpc_stream_free(conn->streams);
	nghttp2_session_del(conn->session);
	loop_io_stop(&conn->io);
	loop_timer_stop(&conn->check);
	fd_close(&conn->fd);
	buf_free(&conn->out);
	conn->closed = true;
	if (!conn->dispatching)
		free(conn);
}

/* Frames into the empty buffer, up to OUT_FILL; false when HTTP/2 cannot go on. */
static bool fill_out(struct grpc_conn *conn)
{
	bool ok = true;

	conn->wrote_ms = loop_now(conn->server->loop);
	conn->in_session = true;
	while (ok && buf_len(&conn->out) < OUT_FILL) {
		const uint8_t *data;
		ssize_t len = nghttp2_session_mem_send(conn->session, &data);

		if (len == 0)
			break;
		ok = len > 0 && buf_append(&conn->out, data, (size_t)len);
	}
	conn->in_session = false;
	return ok;
}

/* True: everything in the buffer was written, or the socket is full; false: the peer is gone. */
static bool write_out(struct grpc_conn *conn)
{
	while (buf_len(&conn->out) > 0) {
		ssize_t n =
			send(conn->fd, buf_bytes(&conn->out), buf_len(&conn->out), MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		buf_consume(&conn->out, (size_t)n);
		conn->wrote_ms = conn->active_ms = loop_now(conn->server->loop);
	}
	return true;
}

/* Until HTTP/2 has nothing more to say or the socket is full; false when the connection ended. */
static bool send_out(struct grpc_conn *conn)
{
	for (;;) {
		if (buf_len(&conn->out) == 0 && !fill_out(conn))
			return false;
		if (buf_len(&conn->out) == 0)
			return nghttp2_session_want_read(conn->session) ||
			       nghttp2_session_want_write(conn->session);
		if (!write_out(conn))
			return false;
		if (buf_len(&conn->out) > 0)
			return true;
	}
}

bool grpc_conn_flush(struct grpc_conn *conn)
{
	if (conn->in_session)
		return true; // whoever called nghttp2 flushes afterwards
	if (!send_out(conn)) {
		grpc_conn_close(conn);
		return false;
	}
	/* A slow reader is not read from: what it may have queued here stays bounded. */
	loop_io_want(&conn->io, buf_len(&conn->out) > 0 ? LOOP_WRITE : LOOP_READ);
	return true;
}

static struct grpc_stream *next_ready(struct grpc_conn *conn)
{
	for (struct grpc_stream *stream = conn->streams; stream; stream = stream->next)
		if (stream->ready)
			return stream;
	return NULL;
}

/* Runs the handlers of all requests that became whole; false when the connection is gone. */
static bool dispatch_ready(struct grpc_conn *conn)
{
	conn->dispatching = true;
	while (!conn->closed && conn->n_ready > 0)
		grpc_stream_dispatch(next_ready(conn));
	conn->dispatching = false;
	if (!conn->closed)
		return true;
	free(conn);
	return false;
}

static bool feed(struct grpc_conn *conn, const uint8_t *data, size_t len)
{
	ssize_t taken;

	conn->active_ms = loop_now(conn->server->loop);
	conn->in_session = true;
	taken = nghttp2_session_mem_recv(conn->session, data, len);
	conn->in_session = false;
	if (taken < 0) {
		grpc_conn_close(conn);
		return false;
	}
	return dispatch_ready(conn);
}

static void on_io(struct loop_io *io, int events)
{
	struct grpc_conn *conn = container_of(io, struct grpc_conn, io);
	uint8_t data[READ_SIZE];
	ssize_t n;

	if (events & LOOP_READ) {
		n = recv(conn->fd, data, sizeof(data), 0);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
			grpc_conn_close(conn);
			return;
		}
		if (n > 0 && !feed(conn, data, (size_t)n))
			return;
	}
	(void)grpc_conn_flush(conn);
}

static bool is_overdue(const struct grpc_conn *conn, uint64_t now)
{
	if (buf_len(&conn->out) > 0)
		return now - conn->wrote_ms >= GRPC_STALL_MS;
	return conn->n_calls == 0 && now - conn->active_ms >= GRPC_IDLE_MS;
}

static void on_check(struct loop_timer *timer)
{
	struct grpc_conn *conn = container_of(timer, struct grpc_conn, check);

	if (!is_overdue(conn, loop_now(conn->server->loop))) {
		loop_timer_start(&conn->check, CHECK_MS);
		return;
	}
	(void)nghttp2_session_terminate_session(conn->session, NGHTTP2_NO_ERROR);
	if (grpc_conn_flush(conn))
		grpc_conn_close(conn);
}

void grpc_conn_open(struct grpc_server *server, int fd)
{
	struct grpc_conn *conn = xcalloc(1, sizeof(*conn));

	conn->server = server;
	conn->fd = fd;
	conn->active_ms = conn->frames_ms = loop_now(server->loop);
	conn->frames_left = GRPC_FRAMES_BURST;
	buf_init(&conn->out, GRPC_OUTPUT_MAX);
	loop_io_init(&conn->io, server->loop, fd, on_io);
	loop_timer_init(&conn->check, server->loop, on_check);
	conn->next = server->conns;
	server->conns = conn;
	server->n_conns++;
	conn->session = grpc_session_new(conn);
	if (!conn->session) {
		grpc_conn_close(conn);
		return;
	}
	loop_timer_start(&conn->check, CHECK_MS);
	(void)grpc_conn_flush(conn);
}
