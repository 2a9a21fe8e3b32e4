// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What an HTTP/1.1 client sends: heads and bodies, parsed where they were read, in one scratch
 * area; only a rest is kept. A pipeline is taken up one request at a time.
 */
#include "sidecar/h1_server.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/mem.h"

enum { BULK_READ = 256 * 1024 };

static char scratch[H1_SERVER_READ];
static struct http_head head_scratch; // good during one call of the service

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
		h1_server_answer_badly(server, error.status, error.reason);
		return 0;
	}
	if (!h1_server_ask_tunnel(head)) {
		h1_server_answer_badly(server, 400, "a request for an upgrade that has a body");
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

void h1_server_await_body(struct h1_server *server)
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
	h1_server_await_body(server);
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

void h1_server_take_kept(struct h1_server *server)
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
		h1_server_take_kept(server);
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
	h1_server_await_body(server);
	exchange_request_grew(&server->x, (size_t)got);
}

static void read_behind_kept(struct h1_server *server)
{
	size_t room = buf_room(&server->in);
	size_t size = room < H1_SERVER_READ / 4 ? room : H1_SERVER_READ / 4;
	ssize_t got = recv(server->fd, buf_reserve(&server->in, size), size, 0);

	if (got <= 0) {
		after_recv(server, got);
		return;
	}
	buf_commit(&server->in, (size_t)got);
	h1_server_take_kept(server);
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

void h1_server_on_readable(struct h1_server *server)
{
	if (buf_len(&server->in))
		read_behind_kept(server);
	else if (takes_body(server) && server->body.framing == HTTP_BODY_LENGTH)
		read_plain_body(server);
	else
		read_scratch(server);
}
