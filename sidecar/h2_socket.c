// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The bytes of an HTTP/2 session to and from a socket. Nothing more is asked of the session while
 * the socket takes no more, so that what waits is bounded; what comes is bounded by the windows.
 */
#include "sidecar/h2_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/mem.h"
#include "sidecar/client_gone.h"

enum {
	SCRATCH = 64 * 1024,
	OUT_ENOUGH = 64 * 1024,
	OUT_TIGHT = 16 * 1024,
	OUT_MAX = 256 * 1024,
	OUT_KEPT = 4096
};

static uint8_t scratch[SCRATCH];

struct h2_socket {
	struct turn *turn;
	enum h2_side side;
	const struct h2_socket_owner *ops;
	void *owner;
	int fd; // -1: closed
	struct loop_io io;
	struct turn_item flush;
	struct deadline idle;
	struct deadline stall;	// it takes nothing of what is sent
	struct deadline head;	// the head that it sends does not end
	struct gone_watch look; // with eof
	uint32_t idle_ms;
	struct h2 *h2;
	struct buf out;
	struct pool_member pool;
	bool blocked;
	bool leaving;
	bool eof; // a client that sends no more, and waits for its answers
};

static void socket_free(struct turn_item *item)
{
	struct h2_socket *socket = container_of(item, struct h2_socket, flush);

	pool_leave(&socket->pool);
	pool_sub(sizeof(*socket));
	buf_free(&socket->out);
	free(socket);
}

void h2_socket_close(struct h2_socket *socket, const char *reason)
{
	if (socket->fd < 0)
		return;
	loop_io_stop(&socket->io);
	deadline_clear(&socket->idle);
	deadline_clear(&socket->stall);
	deadline_clear(&socket->head);
	gone_watch_stop(&socket->look);
	fd_close(&socket->fd);
	h2_free(&socket->h2, reason);
	turn_bury(socket->turn, &socket->flush, socket_free);
	socket->ops->closed(socket->owner, socket);
}

/* Stalled is the socket that takes nothing, or a head that does not end; bodies are the streams'.
 */
static size_t pool_waiting(struct pool_member *member)
{
	struct h2_socket *socket = container_of(member, struct h2_socket, pool);

	if (!socket->h2 || !(socket->blocked || h2_head_begun(socket->h2)))
		return 0;
	return socket->out.cap + h2_memory(socket->h2);
}

static void pool_cut(struct pool_member *member)
{
	struct h2_socket *socket = container_of(member, struct h2_socket, pool);

	h2_socket_close(socket, POOL_REASON);
	buf_free(&socket->out);
}

static const struct pool_member_ops pool_ops = {
	.waiting = pool_waiting, .cut = pool_cut, .whole = true};

static void update_io(struct h2_socket *socket)
{
	if (socket->fd >= 0)
		loop_io_want(&socket->io,
			     (socket->eof ? 0 : LOOP_READ) | (socket->blocked ? LOOP_WRITE : 0));
}

/* False: broken. */
static bool produce(struct h2_socket *socket)
{
	size_t enough = pool_is_roomy() ? OUT_ENOUGH : OUT_TIGHT;

	while (buf_len(&socket->out) < enough) {
		const uint8_t *frames;
		ssize_t len = h2_produce(socket->h2, &frames);

		if (len < 0 || (len > 0 && !buf_append(&socket->out, frames, (size_t)len)))
			return false;
		if (len == 0)
			break;
	}
	return true;
}

/* False: the peer is gone. */
static bool send_out(struct h2_socket *socket)
{
	while (buf_len(&socket->out)) {
		ssize_t sent = send(socket->fd, buf_bytes(&socket->out), buf_len(&socket->out),
				    MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0) {
			socket->blocked = errno == EAGAIN;
			return socket->blocked;
		}
		buf_consume(&socket->out, (size_t)sent);
		socket->pool.since = loop_now(socket->turn->loop);
		deadline_clear(&socket->stall);
	}
	buf_shrink(&socket->out, OUT_KEPT);
	return true;
}

static void say_goodbye(struct h2_socket *socket)
{
	h2_terminate(socket->h2);
	if (produce(socket))
		(void)send_out(socket);
	h2_socket_close(socket, "drained");
}

/* At the end of the turn. */
static void on_flush(struct turn_item *item)
{
	struct h2_socket *socket = container_of(item, struct h2_socket, flush);

	while (!socket->blocked) {
		if (!produce(socket)) {
			h2_socket_close(socket, "HTTP/2: nothing can be sent any more");
			return;
		}
		if (!buf_len(&socket->out))
			break;
		if (!send_out(socket)) {
			h2_socket_close(socket, "it closed the connection");
			return;
		}
	}
	if (socket->blocked && !socket->stall.set)
		deadline_set(socket->turn, &socket->stall, READER_TIMEOUT_MS);
	if (socket->leaving && !h2_streams(socket->h2) && !socket->blocked)
		say_goodbye(socket);
	else if (h2_over(socket->h2) && !socket->blocked)
		h2_socket_close(socket, "it ended the session, or does not keep to HTTP/2");
	else
		update_io(socket);
}

static void queue(struct h2_socket *socket)
{
	if (socket->fd >= 0)
		turn_queue(socket->turn, &socket->flush);
}

/* Its time runs from its first frame, however many follow. */
static void watch_head(struct h2_socket *socket)
{
	uint64_t begun = h2_head_begun(socket->h2);

	if (!begun) {
		deadline_clear(&socket->head);
	} else if (!socket->head.set) {
		socket->pool.since = begun;
		deadline_set(socket->turn, &socket->head, HEAD_TIMEOUT_MS);
	}
}

void h2_socket_take(struct h2_socket *socket, const uint8_t *data, size_t len)
{
	struct err err;

	if (h2_receive(socket->h2, data, len, &err)) {
		watch_head(socket);
		return;
	}
	if (produce(socket))
		(void)send_out(socket);
	h2_socket_close(socket, "it does not keep to HTTP/2");
}

static bool client_has_gone(struct h2_socket *socket)
{
	return socket->ops->is_gone(socket->owner, socket->fd);
}

/* What it has asked whole is answered, if it is still there. */
static void on_eof(struct h2_socket *socket)
{
	socket->eof = true;
	deadline_clear(&socket->head);
	h2_eof(socket->h2);
	if (!h2_streams(socket->h2) || client_has_gone(socket)) {
		h2_socket_close(socket, "it closed the connection");
		return;
	}
	socket->leaving = true;
	gone_watch_start(&socket->look, socket->turn);
	queue(socket);
}

static void on_look(struct deadline *deadline)
{
	struct h2_socket *socket = container_of(deadline, struct h2_socket, look.look);

	if (client_has_gone(socket))
		h2_socket_close(socket, "it closed the connection");
	else
		gone_watch_again(&socket->look, socket->turn);
}

static void on_io(struct loop_io *io, int events)
{
	struct h2_socket *socket = container_of(io, struct h2_socket, io);
	ssize_t got;

	if (events & LOOP_WRITE) {
		socket->blocked = false;
		queue(socket);
	}
	if (!(events & LOOP_READ))
		return;
	got = recv(socket->fd, scratch, sizeof(scratch), 0);
	if (got > 0)
		h2_socket_take(socket, scratch, (size_t)got);
	else if (got == 0 && socket->side == H2_SERVER)
		on_eof(socket);
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		h2_socket_close(socket, "it closed the connection");
	update_io(socket);
}

static void on_idle(struct deadline *deadline)
{
	struct h2_socket *socket = container_of(deadline, struct h2_socket, idle);

	if (socket->blocked) {
		h2_socket_close(socket, "it takes nothing of what is said");
		return;
	}
	socket->leaving = true;
	queue(socket);
}

static void on_stall(struct deadline *deadline)
{
	h2_socket_close(container_of(deadline, struct h2_socket, stall),
			"it takes nothing of what is said");
}

static void on_late_head(struct deadline *deadline)
{
	h2_socket_close(container_of(deadline, struct h2_socket, head),
			"the head of a message did not arrive in time");
}

static void h2_wakes(void *owner)
{
	queue(owner);
}

static void h2_requests(void *owner, struct exchange *x, const struct http_head *head)
{
	struct h2_socket *socket = owner;

	deadline_clear(&socket->idle);
	if (socket->leaving)
		exchange_fail(x, 503, "this connection is closing");
	else
		socket->ops->request(socket->owner, x, head);
}

static void h2_quiet(void *owner)
{
	struct h2_socket *socket = owner;

	if (socket->fd < 0)
		return;
	deadline_set(socket->turn, &socket->idle, socket->idle_ms);
	queue(socket);
}

static void h2_refused(void *owner)
{
	struct h2_socket *socket = owner;

	socket->leaving = true;
	queue(socket);
}

/* A client is not known by a certificate, and each of its requests is a person's or a program's. */
static const struct h2_limits client_limits = {.streams = H2_CLIENT_STREAMS_MAX,
					       .resets_burst = H2_CLIENT_RESETS_BURST,
					       .resets_per_s = H2_CLIENT_RESETS_PER_S};

static const struct h2_owner h2_ops = {
	.limits = &client_limits,
	.tunnels = true,
	.wake = h2_wakes,
	.request = h2_requests,
	.quiet = h2_quiet,
	.refused = h2_refused,
};

struct h2_socket *h2_socket_new(struct turn *turn, enum h2_side side, int fd, uint32_t idle_ms,
				const struct h2_socket_owner *ops, void *owner)
{
	struct h2_socket *socket = xcalloc(1, sizeof(*socket));

	*socket = (struct h2_socket){.turn = turn,
				     .side = side,
				     .ops = ops,
				     .owner = owner,
				     .fd = fd,
				     .idle_ms = idle_ms};
	socket->flush.fn = on_flush;
	socket->idle.fn = on_idle;
	socket->stall.fn = on_stall;
	socket->head.fn = on_late_head;
	socket->look.look.fn = on_look;
	pool_add(sizeof(*socket));
	pool_buf_init(&socket->out, OUT_MAX);
	pool_join(&socket->pool, &pool_ops, loop_now(turn->loop));
	socket->h2 = h2_new(turn, side, &h2_ops, socket);
	loop_io_init(&socket->io, turn->loop, fd, on_io);
	deadline_set(turn, &socket->idle, idle_ms);
	update_io(socket);
	queue(socket);
	return socket;
}

bool h2_socket_usable(const struct h2_socket *socket)
{
	return socket->fd >= 0 && !socket->leaving && h2_may_open(socket->h2);
}

void h2_socket_request(struct h2_socket *socket, struct exchange *x, const struct http_head *head,
		       const struct h2_request *request)
{
	deadline_clear(&socket->idle);
	h2_open(socket->h2, x, head, request);
}

void h2_socket_drain(struct h2_socket *socket)
{
	if (socket->fd < 0 || socket->leaving)
		return;
	if (socket->side == H2_SERVER)
		h2_drain(socket->h2);
	socket->leaving = true;
	queue(socket);
}
