// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The HTTP/1.1 back. A workload may answer early, late, in any framing or not at all, and may close
 * a kept connection at the moment a request is written to it: then the request goes out again on
 * a fresh one, once, if nothing of it can have happened twice.
 */
#include "sidecar/h1_client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "sidecar/request_head.h"

enum { CONNECT_AGAIN_MS = 10 };

static const struct exchange_back back;

static void client_free(struct turn_item *item)
{
	struct h1_client *client = container_of(item, struct h1_client, flush);

	buf_free(&client->in);
	h1_writer_free(&client->writer);
	pool_sub(sizeof(*client));
	free(client);
}

void h1_client_close(struct h1_client *client)
{
	if (client->closed)
		return;
	LIST_REMOVE(client, next);
	client->closed = true;
	if (client->x)
		exchange_leave(client->x);
	client->x = NULL;
	client->ingress->n_clients--;
	deadline_clear(&client->idle);
	loop_io_stop(&client->io);
	fd_close(&client->fd);
	turn_bury(client->ingress->turn, &client->flush, client_free);
}

void h1_client_fail(struct h1_client *client, unsigned status, const char *reason)
{
	struct exchange *x = client->x;

	h1_client_close(client);
	exchange_fail(x, status, "%s", reason);
}

/* The workload has not heard the request, or has said nothing to it. */
static void fail_unanswered(struct h1_client *client, unsigned status, const char *reason)
{
	client->x->repeatable = true;
	h1_client_fail(client, status, reason);
}

static void update_io(struct h1_client *client)
{
	bool room =
		!client->x || !client->head_done || exchange_wants(client->x, &client->x->response);

	if (client->closed || client->fd < 0)
		return;
	loop_io_want(&client->io,
		     (room && !client->eof ? LOOP_READ : 0) | (client->blocked ? LOOP_WRITE : 0));
}

static void on_io(struct loop_io *io, int events);

static void use_socket(struct h1_client *client, int fd)
{
	client->fd = fd;
	loop_io_init(&client->io, client->ingress->turn->loop, fd, on_io);
	turn_queue(client->ingress->turn, &client->flush);
	update_io(client);
}

static void connect_failed(struct h1_client *client, int why)
{
	struct turn *turn = client->ingress->turn;

	if (why == EAGAIN && loop_now(turn->loop) < client->give_up_at)
		deadline_set(turn, &client->idle, CONNECT_AGAIN_MS);
	else if (why == EAGAIN)
		fail_unanswered(client, 503, "it does not accept connections (its queue is full)");
	else if (why == ENOENT)
		fail_unanswered(client, 503, "it is not listening (there is no ingress/http.sock)");
	else if (why == ECONNREFUSED)
		fail_unanswered(client, 503,
				"it is not running (nobody listens at ingress/http.sock)");
	else
		fail_unanswered(client, 502, "it cannot be connected to");
}

static void try_connect(struct h1_client *client)
{
	int fd = client->ingress->connect(client->ingress);

	if (fd < 0)
		connect_failed(client, errno);
	else
		use_socket(client, fd);
}

/* The same request on a fresh connection; its head is still in the writer. */
static void repeat(struct h1_client *client)
{
	loop_io_stop(&client->io);
	fd_close(&client->fd);
	client->reused = false;
	client->may_repeat = false;
	client->blocked = false;
	client->write_dead = false;
	client->request_done = false;
	client->writer.head_sent = 0;
	client->give_up_at = loop_now(client->ingress->turn->loop) + WORKLOAD_CONNECT_MS;
	try_connect(client);
}

/* The connection has ended before the response was complete. */
void h1_client_on_dead(struct h1_client *client)
{
	if (!client->x)
		h1_client_close(client);
	else if (client->reused && client->may_repeat && !client->got_bytes)
		repeat(client);
	else if (client->got_bytes)
		h1_client_fail(client, 502,
			       "it closed the connection in the middle of its response");
	else
		fail_unanswered(client, 502, "it closed the connection without a response");
}

static void write_request(struct h1_client *client)
{
	struct exchange *x = client->x;
	size_t taken;
	enum h1_write result = h1_writer_flush(&client->writer, client->fd, &x->request, &taken);

	if (taken)
		client->may_repeat = false;
	client->blocked = result == H1_WRITE_BLOCKED;
	client->request_done = result == H1_WRITE_DONE;
	client->write_dead = result == H1_WRITE_FAILED;
	exchange_request_taken(x, taken);
	if (x->tunnel && client->x && (client->request_done || (client->write_dead && client->eof)))
		h1_client_tunnel_written(client);
}

static void on_flush(struct turn_item *item)
{
	struct h1_client *client = container_of(item, struct h1_client, flush);

	if (client->x && client->fd >= 0 && !client->blocked && !client->write_dead &&
	    !client->request_done)
		write_request(client);
	update_io(client);
}

static void on_io(struct loop_io *io, int events)
{
	struct h1_client *client = container_of(io, struct h1_client, io);

	if (events & LOOP_WRITE) {
		client->blocked = false;
		turn_queue(client->ingress->turn, &client->flush);
	}
	if (events & LOOP_READ)
		h1_client_on_readable(client);
	update_io(client);
}

/* The pool's time is over, or the workload's queue is tried again. */
static void on_idle(struct deadline *deadline)
{
	struct h1_client *client = container_of(deadline, struct h1_client, idle);

	if (client->x)
		try_connect(client);
	else
		h1_client_close(client);
}

static void back_request_grew(struct exchange *x)
{
	struct h1_client *client = x->back_data;

	turn_queue(x->turn, &client->flush);
}

static void back_response_taken(struct exchange *x, size_t n)
{
	update_io(x->back_data);
}

static void back_cancelled(struct exchange *x)
{
	struct h1_client *client = x->back_data;

	h1_client_close(client);
}

static size_t back_waiting(struct exchange *x)
{
	const struct h1_client *client = x->back_data;

	return client->in.cap + h1_writer_waiting(&client->writer);
}

static const struct exchange_back back = {
	.waiting = back_waiting,
	.request_grew = back_request_grew,
	.response_taken = back_response_taken,
	.cancelled = back_cancelled,
};

static struct h1_client *client_new(struct ingress *ingress)
{
	struct h1_client *client = xcalloc(1, sizeof(*client));

	client->ingress = ingress;
	client->fd = -1;
	client->flush.fn = on_flush;
	client->idle.fn = on_idle;
	pool_add(sizeof(*client));
	pool_buf_init(&client->in, 2 * HTTP_HEADER_BYTES_MAX + H1_CLIENT_READ);
	h1_writer_init(&client->writer);
	ingress->n_clients++;
	return client;
}

struct h1_client *h1_client_join(struct ingress *ingress, struct exchange *x,
				 const struct http_head *head)
{
	struct h1_client *client = LIST_FIRST(&ingress->idle);

	if (client) {
		LIST_REMOVE(client, next);
		deadline_clear(&client->idle);
	} else {
		client = client_new(ingress);
	}
	LIST_INSERT_HEAD(&ingress->busy, client, next);
	client->x = x;
	client->may_repeat = request_may_repeat(head);
	client->got_bytes = false;
	client->head_done = false;
	client->request_done = false;
	client->write_dead = false;
	client->eof = false;
	client->event_stream = false;
	client->sent_key = false;
	client->n_interim = 0;
	client->to_head = x->to_head;
	if (head->framing == HTTP_BODY_TUNNEL)
		h1_client_ask_tunnel(client, head);
	exchange_join(x, &back, client);
	return client;
}

void h1_client_start(struct h1_client *client, enum http_framing framing)
{
	struct turn *turn = client->ingress->turn;

	h1_writer_head_done(&client->writer, framing);
	if (client->fd >= 0) {
		turn_queue(turn, &client->flush);
		return;
	}
	client->give_up_at = loop_now(turn->loop) + WORKLOAD_CONNECT_MS;
	try_connect(client);
}

void h1_client_drain(struct h1_client *client)
{
	if (client->x && (client->event_stream || client->x->tunnel)) {
		client->keep_alive = false;
		h1_client_complete(client, false);
	}
}
