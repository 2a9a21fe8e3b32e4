// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The HTTP/1.1 front: keeps pipelined requests in order by taking up the next only when the
 * response before is out, writes responses, and knows when a connection ends. Idle ones hold no
 * buffers.
 */
#include "sidecar/h1_server.h"

#include <sys/socket.h>

#include "base/fd.h"
#include "base/mem.h"
#include "sidecar/h2_socket.h"

static void server_free(struct turn_item *item)
{
	struct h1_server *server = container_of(item, struct h1_server, flush);

	exchange_free(&server->x);
	buf_free(&server->in);
	h1_writer_free(&server->writer);
	if (server->x.client)
		server->service->client_free(server->x.client);
	pool_sub(sizeof(*server));
	free(server);
}

void h1_server_close(struct h1_server *server)
{
	if (server->state == H1_SERVER_CLOSED)
		return;
	server->state = H1_SERVER_CLOSED;
	exchange_end(&server->x);
	if (server->h2)
		h2_socket_close(take_ptr(&server->h2), "its client has gone");
	deadline_clear(&server->idle);
	deadline_clear(&server->stall);
	gone_watch_stop(&server->look);
	loop_io_stop(&server->io);
	fd_close(&server->fd);
	if (server->on_close) {
		LIST_REMOVE(server, next);
		waiters_wake(server->on_close);
	}
	turn_bury(server->x.turn, &server->flush, server_free);
}

static void update_io(struct h1_server *server)
{
	bool reads;

	if (server->state == H1_SERVER_CLOSED || server->state == H1_SERVER_HTTP2)
		return;
	reads = h1_server_wants_read(server);
	loop_io_want(&server->io, (reads ? LOOP_READ : 0) | (server->blocked ? LOOP_WRITE : 0));
	if (!reads)
		h1_server_watch(server);
}

static void linger(struct h1_server *server)
{
	exchange_end(&server->x);
	server->state = H1_SERVER_LINGER;
	server->blocked = false;
	buf_free(&server->in);
	shutdown(server->fd, SHUT_WR);
	deadline_set(server->x.turn, &server->idle, LINGER_TIMEOUT_MS);
}

/* An answer to what is no proper request. */
void h1_server_answer_badly(struct h1_server *server, unsigned status, const char *reason)
{
	static const struct http_head none;

	exchange_begin(&server->x, &none);
	server->x.request.ended = true;
	server->keep_alive = false;
	server->state = H1_SERVER_ACTIVE;
	exchange_fail(&server->x, status, "%s", reason);
}

/* The response is out: the next request, or the end. */
static void finish(struct h1_server *server)
{
	bool rest = !server->x.request.ended || buf_len(&server->in);

	if (!server->x.request.ended || !server->keep_alive) {
		if (rest)
			linger(server);
		else
			h1_server_close(server);
		return;
	}
	exchange_end(&server->x);
	h1_writer_reset(&server->writer);
	server->state = H1_SERVER_HEAD;
	deadline_set(server->x.turn, &server->idle, KEEPALIVE_TIMEOUT_MS);
	h1_server_take_kept(server);
}

static void write_response(struct h1_server *server)
{
	size_t taken;
	enum h1_write result =
		h1_writer_flush(&server->writer, server->fd, &server->x.response, &taken);

	server->blocked = result == H1_WRITE_BLOCKED;
	if (server->blocked) // and it was not at the beginning: the client has taken something
		deadline_set(server->x.turn, &server->stall, READER_TIMEOUT_MS);
	else
		deadline_clear(&server->stall);
	exchange_response_taken(&server->x, taken);
	if (result == H1_WRITE_FAILED || (server->broken && !server->blocked))
		h1_server_close(server);
	else if (result == H1_WRITE_DONE && server->x.tunnel)
		h1_server_tunnel_written(server);
	else if (result == H1_WRITE_DONE)
		finish(server);
}

/* At the end of the turn. */
static void on_flush(struct turn_item *item)
{
	struct h1_server *server = container_of(item, struct h1_server, flush);

	if (server->state == H1_SERVER_HEAD || buf_len(&server->in))
		h1_server_take_kept(server);
	if (server->state == H1_SERVER_ACTIVE && !server->blocked)
		write_response(server);
	if (server->eof)
		h1_server_eof_kept(server);
	update_io(server);
}

static void on_io(struct loop_io *io, int events)
{
	struct h1_server *server = container_of(io, struct h1_server, io);

	if (events & LOOP_WRITE) {
		server->blocked = false;
		turn_queue(server->x.turn, &server->flush);
	}
	if (events & LOOP_READ)
		h1_server_on_readable(server);
	update_io(server);
}

static void front_response_head(struct exchange *x, const struct http_head *head);

static void on_idle(struct deadline *deadline)
{
	struct h1_server *server = container_of(deadline, struct h1_server, idle);

	if (server->broken || server->x.tunnel)
		h1_server_close(server);
	else if (server->state == H1_SERVER_HEAD && buf_len(&server->in))
		h1_server_answer_badly(server, 408,
				       "the head of the request did not arrive in time");
	else if (server->state == H1_SERVER_ACTIVE && exchange_waits(&server->x))
		deadline_set(server->x.turn, deadline, CONTINUE_WAIT_MS); // not accepted yet
	else if (server->state == H1_SERVER_ACTIVE && server->awaits_continue)
		front_response_head(&server->x, &(struct http_head){.status = 100});
	else if (server->state == H1_SERVER_ACTIVE && !h1_server_wants_read(server))
		deadline_set(server->x.turn, deadline, BODY_TIMEOUT_MS); // it waits for us
	else if (server->state == H1_SERVER_ACTIVE && !server->x.request.ended) {
		server->keep_alive = false;
		exchange_fail(&server->x, 408, "the body of the request did not arrive in time");
	} else {
		h1_server_close(server);
	}
	update_io(server);
}

/* A client that never reads its response holds a stream of every hop. */
static void on_stall(struct deadline *deadline)
{
	h1_server_close(container_of(deadline, struct h1_server, stall));
}

void h1_server_refuse(struct h1_server *server, const char *response, size_t len)
{
	ssize_t sent = send(server->fd, response, len, MSG_NOSIGNAL);

	if (sent == (ssize_t)len)
		linger(server);
	else
		h1_server_close(server);
}

void h1_server_drain(struct h1_server *server)
{
	server->draining = true;
	server->keep_alive = false;
	if (server->h2)
		h2_socket_drain(server->h2);
	if (server->state == H1_SERVER_HEAD && !buf_len(&server->in))
		h1_server_close(server);
}

bool h1_server_asks_nothing(const struct h1_server *server)
{
	return server->state == H1_SERVER_HEAD;
}

static void front_response_head(struct exchange *x, const struct http_head *head)
{
	struct h1_server *server = container_of(x, struct h1_server, x);
	bool put = h1_server_put_head(server, head);

	if (server->awaits_continue && (head->status == 100 || head->status >= 200))
		h1_server_await_body(server); // from now on it is due
	if (put)
		turn_queue(x->turn, &server->flush);
	else
		h1_server_close(server);
}

static void front_response_grew(struct exchange *x)
{
	turn_queue(x->turn, &container_of(x, struct h1_server, x)->flush);
}

static void front_request_taken(struct exchange *x, size_t n)
{
	struct h1_server *server = container_of(x, struct h1_server, x);

	if (buf_len(&server->in))
		turn_queue(x->turn, &server->flush);
	update_io(server);
}

/* What there is goes out first: the client sees a response that is cut, not one that never came. */
static void front_response_broken(struct exchange *x)
{
	struct h1_server *server = container_of(x, struct h1_server, x);

	server->broken = true;
	deadline_set(x->turn, &server->idle, LINGER_TIMEOUT_MS);
	turn_queue(x->turn, &server->flush);
}

/* An answer is only possible when none is under way, and somebody reads it. */
static void front_cut(struct exchange *x)
{
	struct h1_server *server = container_of(x, struct h1_server, x);

	server->keep_alive = false;
	if (server->state == H1_SERVER_ACTIVE && !x->response_begun)
		exchange_fail(x, 503, POOL_REASON);
	else
		h1_server_close(server);
	buf_free(&x->request.bytes);
	buf_free(&server->in);
	if (server->state == H1_SERVER_CLOSED)
		h1_writer_free(&server->writer);
}

static size_t front_waiting(struct exchange *x)
{
	struct h1_server *server = container_of(x, struct h1_server, x);

	return (buf_len(&server->in) ? server->in.cap : 0) + h1_writer_waiting(&server->writer);
}

static void front_close_after(struct exchange *x)
{
	container_of(x, struct h1_server, x)->keep_alive = false;
}

static const struct exchange_front front = {
	.response_head = front_response_head,
	.response_grew = front_response_grew,
	.request_taken = front_request_taken,
	.response_broken = front_response_broken,
	.close_after = front_close_after,
	.cut = front_cut,
	.waiting = front_waiting,
};

struct h1_server *h1_server_new(struct turn *turn, int fd, struct http_service *service)
{
	struct h1_server *server = xcalloc(1, sizeof(*server));

	pool_add(sizeof(*server));
	exchange_init(&server->x, turn, &front);
	server->service = service;
	server->x.service = service;
	server->fd = fd;
	server->flush.fn = on_flush;
	server->idle.fn = on_idle;
	server->stall.fn = on_stall;
	server->look.look.fn = h1_server_on_look;
	pool_buf_init(&server->in, 2 * HTTP_HEADER_BYTES_MAX + H1_SERVER_READ);
	h1_writer_init(&server->writer);
	loop_io_init(&server->io, turn->loop, fd, on_io);
	deadline_set(turn, &server->idle, KEEPALIVE_TIMEOUT_MS);
	update_io(server);
	return server;
}
