// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A client that sends no more: it may have said all and wait for its answers, or be gone. An end of
 * file looks the same, so whoever knows the socket is asked, at once and then now and then, since a
 * client that has shut down its sending side tells nobody when it closes the rest. So is one of
 * whom nothing is read for now: behind what it has sent its end would not be seen.
 */
#include "sidecar/h1_server.h"

#include <poll.h>

#include "base/mem.h"

enum { FIRST_LOOK_MS = 10, LOOK_MAX_MS = 80 };

static bool is_gone(const struct h1_server *server)
{
	struct http_service *service = server->service;
	struct pollfd ask = {.fd = server->fd};

	if (poll(&ask, 1, 0) < 0 || (ask.revents & (POLLHUP | POLLERR)))
		return true;
	return service->is_gone && service->is_gone(service, server->fd);
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
	if (server->look.set || server->state != H1_SERVER_ACTIVE)
		return;
	server->look_ms = FIRST_LOOK_MS;
	deadline_set(server->x.turn, &server->look, server->look_ms);
}

void h1_server_on_look(struct deadline *deadline)
{
	struct h1_server *server = container_of(deadline, struct h1_server, look);

	if (server->state != H1_SERVER_ACTIVE || (!server->eof && h1_server_wants_read(server)))
		return;
	if (is_gone(server)) {
		leave(server);
		return;
	}
	if (server->look_ms < LOOK_MAX_MS)
		server->look_ms *= 2;
	deadline_set(server->x.turn, deadline, server->look_ms);
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
