// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A connection on which a client speaks HTTP/1.1 to us: the front of one exchange after the other,
 * in the order of the requests. What stands behind it is a service: the sockets in connect/, the
 * bridge, the edge.
 */
#include <stdbool.h>
#include <sys/queue.h>

#include "base/loop.h"
#include "sidecar/exchange.h"
#include "sidecar/h1_writer.h"
#include "sidecar/http1.h"

struct h1_server;
struct h1_service;

struct h1_service {
	/*
	 * A request, its body still to come. Either joins a back to server->x, or fails it
	 * (exchange_fail), or has it wait (h1_server_wait), before returning. `head` is good during
	 * the call only.
	 */
	void (*request)(struct h1_service *service, struct h1_server *server,
			const struct http_head *head);
	/* Optional: appends the fields of a response head in its own way; false: they do not fit.
	 */
	bool (*response)(struct h1_service *service, struct h1_server *server,
			 const struct http_head *head, struct buf *out);
	/* Optional: the connection is about to go: free server->data. */
	void (*closed)(struct h1_service *service, struct h1_server *server);
	/* An end of file means that the client has gone (TCP does not tell it from a half close).
	 */
	bool eof_is_gone;
};

enum h1_server_state {
	H1_SERVER_HEAD,	  // between requests, or in mid-head
	H1_SERVER_WAIT,	  // the head is here, and kept: the back is not ready
	H1_SERVER_ACTIVE, // an exchange is under way
	H1_SERVER_LINGER, // answered; discards what the client still sends, so that it can read
	H1_SERVER_CLOSED,
};

struct h1_server {
	struct exchange x;
	struct h1_service *service;
	void *data; // the service's
	enum h1_server_state state;
	int fd;
	struct loop_io io;
	struct turn_item flush;
	struct deadline idle;
	struct deadline stall; // the client takes nothing of what waits for it
	struct waiter waiter;
	struct buf in; // bytes that could not be used at once; mostly empty
	size_t scanned;
	struct http1_body body;
	struct h1_writer writer;
	unsigned minor; // of the client's HTTP/1.x
	bool keep_alive;
	bool draining;
	bool eof;		    // the client sends no more, but still reads
	bool blocked;		    // the socket takes no more for now
	bool broken;		    // the response will never be complete
	LIST_ENTRY(h1_server) next; // of the listener's
	struct waiters *on_close;   // the listener's, woken when this closes
};
LIST_HEAD(h1_servers, h1_server);

/* Takes the connected, non-blocking socket. It lives until it closes itself. */
struct h1_server *h1_server_new(struct turn *turn, int fd, struct h1_service *service);

/* From service->request: asks again when `all` are woken; answers 503 with `reason` after ms. */
void h1_server_wait(struct h1_server *server, struct waiters *all, uint32_t ms);

/* Closes it now if it is between requests, else after the response. */
void h1_server_drain(struct h1_server *server);

/* Sends these bytes, a whole response, and closes, without having read anything. */
void h1_server_refuse(struct h1_server *server, const char *response, size_t len);

/* Closes after the response that is under way or about to begin. */
void h1_server_close_after(struct h1_server *server);

void h1_server_close(struct h1_server *server); // at once; may be called twice

/* The fields of a response that are passed on, each as h1_service.response would. */
bool h1_server_put_field(const struct http_field *field, struct buf *out);

/*
 * h1_server_tunnel.c. A request for a WebSocket is framed as one: false when it has a body. Then
 * the ends of a tunnel: the client sends no more; all that the workload will ever say is written.
 */
bool h1_server_ask_tunnel(struct http_head *head);
bool h1_server_hung_up(const struct h1_server *server);
void h1_server_tunnel_eof(struct h1_server *server);
void h1_server_tunnel_written(struct h1_server *server);

/* Puts the head of an interim or final response into the writer. False: it does not fit. */
bool h1_server_put_head(struct h1_server *server, const struct http_head *head);
