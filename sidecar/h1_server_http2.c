// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A client that begins with the preface of HTTP/2 (prior knowledge, RFC 9113, section 3.3): its
 * connection stays the listener's as before, but an HTTP/2 session owns the socket.
 */
#include <string.h>

#include "base/fd.h"
#include "base/mem.h"
#include "sidecar/h1_server.h"
#include "sidecar/h2_socket.h"

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum http1_result h1_server_find_preface(const struct h1_server *server, const char *data,
					 size_t len)
{
	size_t whole = sizeof(preface) - 1;
	size_t part = len < whole ? len : whole;

	if (server->served || server->service->http1_only || memcmp(data, preface, part) != 0)
		return HTTP1_BAD;
	return part == whole ? HTTP1_OK : HTTP1_MORE;
}

static void on_request(void *owner, struct exchange *x, const struct http_head *head)
{
	struct h1_server *server = owner;
	struct http_service *service = server->service;

	x->service = service;
	if (service->client_copy)
		x->client = service->client_copy(server->x.client);
	service->request(service, x, head);
}

static bool is_gone(void *owner, int fd)
{
	struct h1_server *server = owner;

	return client_is_gone(server->service, fd);
}

static void on_closed(void *owner, struct h2_socket *socket)
{
	struct h1_server *server = owner;

	server->h2 = NULL;
	h1_server_close(server);
}

static const struct h2_socket_owner ops = {
	.request = on_request, .is_gone = is_gone, .closed = on_closed};

void h1_server_become_http2(struct h1_server *server, const char *data, size_t len)
{
	deadline_clear(&server->idle);
	loop_io_stop(&server->io);
	server->state = H1_SERVER_HTTP2;
	server->h2 = h2_socket_new(server->x.turn, H2_SERVER, take_fd(&server->fd),
				   KEEPALIVE_TIMEOUT_MS, &ops, server);
	h2_socket_take(server->h2, (const uint8_t *)data, len);
}
