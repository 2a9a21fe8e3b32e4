// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the workload answers: heads, interim ones too, and bodies in any framing, parsed where they
 * were read; and where a response ends, which decides whether its connection can be kept.
 */
#include "sidecar/h1_client.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/mem.h"

enum { BULK_READ = 256 * 1024, INTERIM_MAX = 16 };

static char scratch[H1_CLIENT_READ];
static struct http_head head_scratch;

static void into_pool(struct h1_client *client)
{
	struct ingress *ingress = client->ingress;

	exchange_leave(client->x);
	client->x = NULL;
	client->reused = true;
	h1_writer_reset(&client->writer);
	LIST_REMOVE(client, next);
	LIST_INSERT_HEAD(&ingress->idle, client, next);
	deadline_set(ingress->turn, &client->idle, WORKLOAD_IDLE_MS);
}

/* `rest`: bytes have come that belong to no response. */
void h1_client_complete(struct h1_client *client, bool rest)
{
	struct exchange *x = client->x;
	bool keep = client->keep_alive && client->request_done && !rest &&
		    client->body.framing != HTTP_BODY_UNTIL_CLOSE && !client->ingress->draining;

	x->response.ended = true;
	if (keep)
		into_pool(client);
	else
		h1_client_close(client);
	exchange_response_grew(x);
}

static bool is_event_stream(const struct http_head *head)
{
	const struct http_field *type = http_head_find(head, "content-type");

	return type && type->value.len >= 17 &&
	       http_text_is_nocase((struct http_text){type->value.data, 17}, "text/event-stream");
}

static size_t take_head(struct h1_client *client, char *data, size_t len)
{
	struct http_head *head = &head_scratch;
	struct http1_error error;
	size_t used = 0;
	enum http1_result result = http1_parse_response(data, len, &client->scanned,
							client->to_head, head, &used, &error);

	if (result == HTTP1_MORE)
		return 0;
	client->scanned = 0;
	if (result == HTTP1_BAD) {
		h1_client_fail(client, 502, error.reason);
	} else if (head->status == 101 && client->x->asked_tunnel && http_head_is_websocket(head)) {
		h1_client_open_tunnel(client, head);
	} else if (head->status == 101) {
		h1_client_fail(client, 502, "it switched protocols without having been asked to");
	} else if (head->status < 200 && ++client->n_interim > INTERIM_MAX) {
		h1_client_fail(client, 502, "it sent too many interim responses");
	} else if (head->status < 200) {
		exchange_response_head(client->x, head);
	} else {
		client->head_done = true;
		client->keep_alive = head->keep_alive;
		client->event_stream = is_event_stream(head);
		http1_body_start(&client->body, head);
		client->body.kept = &client->x->response.trailers;
		exchange_response_head(client->x, head);
	}
	return used;
}

static size_t take_body(struct h1_client *client, const char *data, size_t len)
{
	struct http1_error error;
	size_t used;
	enum http1_result result;

	exchange_room(client->x, &client->x->response);
	result = http1_body_decode(&client->body, data, len, &client->x->response.bytes, &used,
				   &error);
	if (result == HTTP1_BAD)
		h1_client_fail(client, 502, error.reason);
	else if (used)
		exchange_response_grew(client->x);
	return used;
}

/* The exchange may end inside: each step looks whether there still is one. */
static size_t take(struct h1_client *client, char *data, size_t len)
{
	size_t used = 0;

	while (client->x && used < len && !(client->head_done && client->body.ended)) {
		size_t step = client->head_done ? take_body(client, data + used, len - used)
						: take_head(client, data + used, len - used);

		used += step;
		if (!step)
			break;
	}
	if (client->x && client->head_done && client->body.ended)
		h1_client_complete(client, used < len);
	return used;
}

/* `got`: what recv(2) said, 0 for an end in good order. */
static void on_end(struct h1_client *client, ssize_t got)
{
	if (client->x && client->x->tunnel && got == 0)
		h1_client_tunnel_eof(client);
	else if (client->x && client->x->tunnel)
		h1_client_on_dead(client);
	else if (client->x && client->head_done && client->body.framing == HTTP_BODY_UNTIL_CLOSE) {
		client->body.ended = true;
		h1_client_complete(client, false);
	} else {
		h1_client_on_dead(client);
	}
}

static void read_scratch(struct h1_client *client, size_t room)
{
	size_t size = room < sizeof(scratch) ? room : sizeof(scratch);
	ssize_t got = recv(client->fd, scratch, size, 0);
	size_t used;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		on_end(client, got);
		return;
	}
	client->got_bytes = true;
	used = take(client, scratch, (size_t)got);
	if (!client->x || used == (size_t)got)
		return;
	buf_append(&client->in, scratch + used, (size_t)got - used);
	exchange_holds(client->x);
}

static void read_behind_kept(struct h1_client *client)
{
	size_t room = buf_room(&client->in);
	size_t size = room < H1_CLIENT_READ / 4 ? room : H1_CLIENT_READ / 4;
	ssize_t got = recv(client->fd, buf_reserve(&client->in, size), size, 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		on_end(client, got);
		return;
	}
	buf_commit(&client->in, (size_t)got);
	buf_consume(&client->in,
		    take(client, (char *)buf_bytes(&client->in), buf_len(&client->in)));
	if (!client->x)
		buf_clear(&client->in);
	buf_shrink(&client->in, 0);
}

/* Bytes that need no decoding go straight into the queue. */
static void read_plain_body(struct h1_client *client, size_t room)
{
	struct exchange_body *response = &client->x->response;
	size_t size = room < BULK_READ ? room : BULK_READ;
	bool counted = client->body.framing == HTTP_BODY_LENGTH;
	ssize_t got;

	if (counted && client->body.left < size)
		size = (size_t)client->body.left;
	got = recv(client->fd, buf_reserve(&response->bytes, size), size, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		on_end(client, got);
		return;
	}
	buf_commit(&response->bytes, (size_t)got);
	if (counted)
		client->body.left -= (uint64_t)got;
	client->body.ended = counted && client->body.left == 0;
	if (client->body.ended)
		h1_client_complete(client, false);
	else
		exchange_response_grew(client->x);
}

void h1_client_on_readable(struct h1_client *client)
{
	size_t room;

	if (!client->x) { // in the pool: the workload closed it, or speaks unasked
		h1_client_close(client);
		return;
	}
	room = exchange_room(client->x, &client->x->response);
	if (!room)
		return;
	if (buf_len(&client->in))
		read_behind_kept(client);
	else if (client->head_done && client->body.framing != HTTP_BODY_CHUNKED)
		read_plain_body(client, room);
	else
		read_scratch(client, room);
}
