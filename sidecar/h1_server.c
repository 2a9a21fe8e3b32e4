// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The HTTP/1.1 front: reads heads and bodies, keeps pipelined requests in order by reading the next
 * only when the response before is out, and writes responses. Idle connections hold no buffers:
 * what arrives is parsed where it was read, in one scratch area, and only a rest is kept.
 */
#include "sidecar/h1_server.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "sidecar/h2_socket.h"

enum { SCRATCH = 64 * 1024, BULK_READ = 256 * 1024 };

static char scratch[SCRATCH];
static struct http_head head_scratch; // good during one call of the service

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
	deadline_clear(&server->look);
	loop_io_stop(&server->io);
	fd_close(&server->fd);
	if (server->on_close) {
		LIST_REMOVE(server, next);
		waiters_wake(server->on_close);
	}
	turn_bury(server->x.turn, &server->flush, server_free);
}

/* What comes is the body; with an upgrade asked for, it is not known yet what it is. */
static bool takes_body(const struct h1_server *server)
{
	const struct exchange *x = &server->x;

	return server->state == H1_SERVER_ACTIVE && !x->request.ended &&
	       (x->tunnel || !x->asked_tunnel);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

bool h1_server_wants_read(struct h1_server *server)
{
	struct exchange *x = &server->x;

	if (server->eof)
		return false;
	if (takes_body(server))
		return exchange_wants(x, &x->request);
	if (server->state == H1_SERVER_ACTIVE) // of later requests
		return buf_len(&server->in) < least(HTTP_HEADER_BYTES_MAX, pool_window());
	return buf_len(&server->in) < HTTP_HEADER_BYTES_MAX;
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
static void refuse(struct h1_server *server, unsigned status, const char *reason)
{
	static const struct http_head none;

	exchange_begin(&server->x, &none);
	server->x.request.ended = true;
	server->keep_alive = false;
	server->state = H1_SERVER_ACTIVE;
	exchange_fail(&server->x, status, "%s", reason);
}

static size_t take_head(struct h1_server *server, char *data, size_t len)
{
	struct http_head *head = &head_scratch;
	struct http1_error error;
	size_t used = 0;
	bool expects;
	enum http1_result result = h1_server_find_preface(server, data, len);

	if (result == HTTP1_OK) {
		h1_server_become_http2(server, data, len);
		return len;
	}
	if (result == HTTP1_BAD)
		result = http1_parse_request(data, len, &server->scanned, head, &used, &error);

	if (result == HTTP1_MORE) {
		if (!server->head_begun) // once: a byte now and then buys no time
			deadline_set(server->x.turn, &server->idle, HEAD_TIMEOUT_MS);
		server->head_begun = true;
		exchange_holds(&server->x);
		return 0;
	}
	server->scanned = 0;
	server->head_begun = false;
	if (result == HTTP1_BAD) {
		refuse(server, error.status, error.reason);
		return 0;
	}
	if (!h1_server_ask_tunnel(head)) {
		refuse(server, 400, "a request for an upgrade that has a body");
		return 0;
	}
	deadline_clear(&server->idle);
	server->keep_alive = head->keep_alive && !server->draining &&
			     head->form != HTTP_TARGET_AUTHORITY; // then a tunnel's bytes follow
	server->minor = head->minor;
	server->state = H1_SERVER_ACTIVE;
	http1_body_start(&server->body, head);
	server->body.kept = &server->x.request.trailers;
	exchange_begin(&server->x, head);
	server->served = true;
	expects = head->expect_continue;
	if (exchange_admit(&server->x))
		server->service->request(server->service, &server->x, head);
	server->awaits_continue = expects && !server->x.response_begun &&
				  (server->x.back || exchange_waits(&server->x));
	if (server->awaits_continue)
		deadline_set(server->x.turn, &server->idle, CONTINUE_WAIT_MS);
	return used;
}

static void await_body(struct h1_server *server)
{
	server->awaits_continue = false;
	if (server->x.request.ended)
		deadline_clear(&server->idle);
	else if (!server->x.tunnel)
		deadline_set(server->x.turn, &server->idle, BODY_TIMEOUT_MS);
}

static size_t take_body(struct h1_server *server, const char *data, size_t len)
{
	struct exchange_body *request = &server->x.request;
	size_t before = buf_len(&request->bytes);
	struct http1_error error;
	size_t used;
	enum http1_result result;

	exchange_room(&server->x, request);
	result = http1_body_decode(&server->body, data, len, &request->bytes, &used, &error);
	if (result == HTTP1_BAD) {
		server->keep_alive = false;
		request->ended = true;
		exchange_fail(&server->x, error.status, "%s", error.reason);
		return len;
	}
	request->ended = server->body.ended;
	await_body(server);
	if (used || request->ended)
		exchange_request_grew(&server->x, buf_len(&request->bytes) - before);
	return used;
}

/* Uses as many of the bytes as can be used now. */
static size_t take(struct h1_server *server, char *data, size_t len)
{
	size_t used = 0;

	while (used < len) {
		size_t step = 0;

		if (server->state == H1_SERVER_HEAD)
			step = take_head(server, data + used, len - used);
		else if (takes_body(server))
			step = take_body(server, data + used, len - used);
		else if (server->state == H1_SERVER_LINGER)
			step = len - used;
		used += step;
		if (!step)
			break;
	}
	return used;
}

static void take_kept(struct h1_server *server)
{
	if (!buf_len(&server->in))
		return;
	buf_consume(&server->in,
		    take(server, (char *)buf_bytes(&server->in), buf_len(&server->in)));
	buf_shrink(&server->in, 0);
}

static void after_recv(struct h1_server *server, ssize_t got)
{
	if (got == 0 && server->x.tunnel)
		take_kept(server);
	if (got == 0)
		h1_server_on_eof(server);
	else if (errno != EAGAIN && errno != EINTR)
		h1_server_close(server);
}

/* A body of known length needs no decoding: straight into the queue. */
static void read_plain_body(struct h1_server *server)
{
	struct exchange_body *request = &server->x.request;
	size_t room = exchange_room(&server->x, request);
	uint64_t left = server->body.left;
	size_t size = room < BULK_READ ? room : BULK_READ;
	ssize_t got;

	if (left < size)
		size = (size_t)left;
	got = recv(server->fd, buf_reserve(&request->bytes, size), size, 0);
	if (got <= 0) {
		after_recv(server, got);
		return;
	}
	buf_commit(&request->bytes, (size_t)got);
	server->body.left -= (uint64_t)got;
	server->body.ended = server->body.left == 0;
	request->ended = server->body.ended;
	await_body(server);
	exchange_request_grew(&server->x, (size_t)got);
}

static void read_behind_kept(struct h1_server *server)
{
	size_t room = buf_room(&server->in);
	size_t size = room < SCRATCH / 4 ? room : SCRATCH / 4;
	ssize_t got = recv(server->fd, buf_reserve(&server->in, size), size, 0);

	if (got <= 0) {
		after_recv(server, got);
		return;
	}
	buf_commit(&server->in, (size_t)got);
	take_kept(server);
}

static void read_scratch(struct h1_server *server)
{
	ssize_t got = recv(server->fd, scratch, sizeof(scratch), 0);
	size_t used;

	if (got <= 0) {
		after_recv(server, got);
		return;
	}
	used = take(server, scratch, (size_t)got);
	if (server->state != H1_SERVER_CLOSED && used < (size_t)got)
		buf_append(&server->in, scratch + used, (size_t)got - used);
}

static void on_readable(struct h1_server *server)
{
	if (buf_len(&server->in))
		read_behind_kept(server);
	else if (takes_body(server) && server->body.framing == HTTP_BODY_LENGTH)
		read_plain_body(server);
	else
		read_scratch(server);
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
	take_kept(server);
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
		take_kept(server);
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
		on_readable(server);
	update_io(server);
}

static void front_response_head(struct exchange *x, const struct http_head *head);

static void on_idle(struct deadline *deadline)
{
	struct h1_server *server = container_of(deadline, struct h1_server, idle);

	if (server->broken || server->x.tunnel)
		h1_server_close(server);
	else if (server->state == H1_SERVER_HEAD && buf_len(&server->in))
		refuse(server, 408, "the head of the request did not arrive in time");
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
		await_body(server); // from now on it is due
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
	server->look.fn = h1_server_on_look;
	pool_buf_init(&server->in, 2 * HTTP_HEADER_BYTES_MAX + SCRATCH);
	h1_writer_init(&server->writer);
	loop_io_init(&server->io, turn->loop, fd, on_io);
	deadline_set(turn, &server->idle, KEEPALIVE_TIMEOUT_MS);
	update_io(server);
	return server;
}
