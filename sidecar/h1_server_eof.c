// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A client of HTTP/1.1 that sends no more gets its answers, unless it has gone (client_gone.h). One
 * of whom nothing is read for now is watched too: behind what it has sent its end would not be
 * seen.
 */
#include "sidecar/h1_server.h"

#include "base/mem.h"

static bool is_gone(const struct h1_server *server)
{
	return client_is_gone(server->service, server->fd);
}

/* There is an answer that it may wait for. */
static bool has_asked_all(const struct h1_server *server)
{
	if (server->state != H1_SERVER_ACTIVE)
		return false;
	return server->x.request.ended || buf_len(&server->in); // see h1_server_eof_kept
}

static void leave(struct h1_server *server)
{
	if (server->x.tunnel) // time for what it said last, then it is cut
		deadline_set(server->x.turn, &server->idle, LINGER_TIMEOUT_MS);
	else
		h1_server_close(server);
}

void h1_server_watch(struct h1_server *server)
{
	if (server->state == H1_SERVER_ACTIVE)
		gone_watch_start(&server->look, server->x.turn);
}

void h1_server_on_look(struct deadline *deadline)
{
	struct h1_server *server = container_of(deadline, struct h1_server, look.look);

	if (server->state != H1_SERVER_ACTIVE || (!server->eof && h1_server_wants_read(server)))
		return;
	if (is_gone(server))
		leave(server);
	else
		gone_watch_again(&server->look, server->x.turn);
}

void h1_server_on_eof(struct h1_server *server)
{
	server->eof = true;
	if (server->state == H1_SERVER_ACTIVE && server->x.tunnel) {
		h1_server_tunnel_eof(server);
		if (is_gone(server))
			leave(server);
		else
			h1_server_watch(server);
	} else if (!has_asked_all(server) || is_gone(server)) {
		h1_server_close(server);
	} else {
		h1_server_watch(server);
	}
}

void h1_server_eof_kept(struct h1_server *server)
{
	bool waits = server->state == H1_SERVER_HEAD ||
		     (server->state == H1_SERVER_ACTIVE && !server->x.request.ended &&
		      !server->x.tunnel && !buf_len(&server->in));

	if (server->eof && waits)
		h1_server_close(server);
	else if (server->eof)
		h1_server_watch(server);
}
