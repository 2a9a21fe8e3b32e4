// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The table of connections: a bounded one, in which the connection that was idle longest makes
 * room for a new one, so that forgotten clients cannot keep `capakit down` out.
 */
#include "proto/grpc_server.h"

#include "base/fd.h"
#include "base/mem.h"
#include "proto/grpc_internal.h"

struct grpc_server *grpc_server_new(struct loop *loop, const struct grpc_method *methods,
				    size_t n_methods, void *owner)
{
	struct grpc_server *server = xcalloc(1, sizeof(*server));

	server->loop = loop;
	server->methods = methods;
	server->n_methods = n_methods;
	server->owner = owner;
	return server;
}

/* The connection without a waiting call on which nothing happened for longest, or NULL. */
static struct grpc_conn *idle_longest(const struct grpc_server *server)
{
	struct grpc_conn *found = NULL;

	for (struct grpc_conn *conn = server->conns; conn; conn = conn->next)
		if (conn->n_calls == 0 && (!found || conn->active_ms < found->active_ms))
			found = conn;
	return found;
}

void grpc_server_accept(struct grpc_server *server, int fd)
{
	if (server->n_conns >= GRPC_CONNECTIONS_MAX) {
		struct grpc_conn *idle = idle_longest(server);

		if (!idle) {
			fd_close(&fd);
			return;
		}
		grpc_conn_close(idle);
	}
	grpc_conn_open(server, fd);
}

void grpc_server_free(struct grpc_server **server)
{
	struct grpc_server *gone = take_ptr(server);

	if (!gone)
		return;
	while (gone->conns) {
		struct grpc_conn *conn = gone->conns;

		(void)nghttp2_session_terminate_session(conn->session, NGHTTP2_NO_ERROR);
		if (grpc_conn_flush(conn))
			grpc_conn_close(conn);
	}
	free(gone);
}
