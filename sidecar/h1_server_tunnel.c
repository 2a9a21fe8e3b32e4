// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * WebSocket on a connection of an HTTP/1.1 client: what asks for it, and how a tunnel ends. Its
 * bytes are the two bodies of the exchange; each direction ends on its own, and what was said
 * before an end arrives before it.
 */
#include "sidecar/h1_server.h"

#include <sys/socket.h>

bool h1_server_ask_tunnel(struct http_head *head)
{
	if (!http_head_is_websocket(head))
		return true;
	if (head->framing != HTTP_BODY_NONE)
		return false;
	head->framing = HTTP_BODY_TUNNEL;
	head->has_length = false;
	return true;
}

void h1_server_tunnel_eof(struct h1_server *server)
{
	server->x.request.ended = true;
	exchange_request_grew(&server->x, 0);
}

void h1_server_tunnel_written(struct h1_server *server)
{
	if (server->x.back)
		shutdown(server->fd, SHUT_WR);
	else
		h1_server_close(server);
}
