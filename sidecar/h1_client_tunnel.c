// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * WebSocket on a connection to the workload. From its 101 on the connection belongs to the tunnel:
 * each direction ends on its own, and it closes with the second.
 */
#include "sidecar/h1_client.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

void h1_client_ask_tunnel(struct h1_client *client, const struct http_head *head)
{
	const struct http_field *key = http_head_find(head, "sec-websocket-key");

	client->sent_key = key != NULL;
	if (key)
		websocket_accept(key->value, client->accept);
}

/* Whoever made the key, RFC 6455, section 4.1, wants the handshake to fail without this answer. */
static bool is_accepted(const struct h1_client *client, const struct http_head *head)
{
	const struct http_field *accept = http_head_find(head, "sec-websocket-accept");

	return !client->sent_key ||
	       (accept && accept->value.len == WEBSOCKET_ACCEPT &&
		memcmp(accept->value.data, client->accept, WEBSOCKET_ACCEPT) == 0);
}

void h1_client_open_tunnel(struct h1_client *client, struct http_head *head)
{
	if (!is_accepted(client, head)) {
		h1_client_fail(client, 502, "its Sec-WebSocket-Accept does not answer the key");
		return;
	}
	head->framing = HTTP_BODY_TUNNEL;
	head->has_length = false;
	http1_body_start(&client->body, head);
	client->head_done = true;
	client->keep_alive = false;
	client->request_done = false;
	h1_writer_head_done(&client->writer, HTTP_BODY_TUNNEL);
	turn_queue(client->ingress->turn, &client->flush);
	exchange_response_head(client->x, head);
}

static bool hung_up(const struct h1_client *client)
{
	struct pollfd ask = {.fd = client->fd, .events = POLLOUT};

	return poll(&ask, 1, 0) < 0 || (ask.revents & (POLLHUP | POLLERR));
}

void h1_client_tunnel_eof(struct h1_client *client)
{
	struct exchange *x = client->x;

	client->eof = true;
	x->response.ended = true;
	if (client->request_done || client->write_dead || hung_up(client))
		h1_client_close(client);
	exchange_response_grew(x);
}

void h1_client_tunnel_written(struct h1_client *client)
{
	struct exchange *x = client->x;

	shutdown(client->fd, SHUT_WR);
	if (!client->eof)
		return;
	h1_client_close(client);
	exchange_response_grew(x);
}
