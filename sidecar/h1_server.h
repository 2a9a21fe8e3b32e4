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
#include "sidecar/client_gone.h"
#include "sidecar/exchange.h"
#include "sidecar/h1_writer.h"
#include "sidecar/http1.h"
#include "sidecar/service.h"

struct h1_server;
struct h2_socket;

enum { H1_SERVER_READ = 64 * 1024 }; // bytes that are read at once, and may have to be kept

enum h1_server_state {
	H1_SERVER_HEAD,	  // between requests, or in mid-head
	H1_SERVER_ACTIVE, // an exchange is under way
	H1_SERVER_LINGER, // answered; discards what the client still sends, so that it can read
	H1_SERVER_HTTP2,  // the client speaks HTTP/2: `h2` has the socket
	H1_SERVER_CLOSED,
};

struct h1_server {
	struct exchange x;
	struct http_service *service;
	enum h1_server_state state;
	int fd;
	struct loop_io io;
	struct turn_item flush;
	struct deadline idle;
	struct deadline stall; // the client takes nothing of what waits for it
	struct gone_watch look;
	struct buf in;	 // bytes that could not be used at once; mostly empty
	bool head_begun; // its first byte has come, and its time runs
	size_t scanned;
	struct http1_body body;
	struct h1_writer writer;
	unsigned minor; // of the client's HTTP/1.x
	bool keep_alive;
	bool draining;
	bool eof;		    // the client sends no more, but still reads
	bool blocked;		    // the socket takes no more for now
	bool awaits_continue;	    // the client sends its body after a 100 (or a while)
	bool served;		    // it has had a request
	struct h2_socket *h2;	    // H1_SERVER_HTTP2
	bool broken;		    // the response will never be complete
	LIST_ENTRY(h1_server) next; // of the listener's
	struct waiters *on_close;   // the listener's, woken when this closes
};
LIST_HEAD(h1_servers, h1_server);

/* Takes the connected, non-blocking socket. It lives until it closes itself. */
struct h1_server *h1_server_new(struct turn *turn, int fd, struct http_service *service);

/* Closes it now if it is between requests, else after the response. */
void h1_server_drain(struct h1_server *server);

/* Sends these bytes, a whole response, and closes, without having read anything. */
void h1_server_refuse(struct h1_server *server, const char *response, size_t len);

void h1_server_close(struct h1_server *server); // at once; may be called twice

/*
 * h1_server_tunnel.c. A request for a WebSocket is framed as one: false when it has a body. Then
 * the ends of a tunnel: the client sends no more; all that the workload will ever say is written.
 */
bool h1_server_ask_tunnel(struct http_head *head);
void h1_server_tunnel_eof(struct h1_server *server);
void h1_server_tunnel_written(struct h1_server *server);

/*
 * h1_server_eof.c: the client sends no more; watches for its end while nothing is read; what was
 * kept has been taken up, as far as can be. Each may close it.
 */
void h1_server_on_eof(struct h1_server *server);
void h1_server_watch(struct h1_server *server);
void h1_server_on_look(struct deadline *deadline);
void h1_server_eof_kept(struct h1_server *server);

/* May anything be read of it for now? */
bool h1_server_wants_read(struct h1_server *server);

/*
 * h1_server_http2.c: does a connection begin with the preface of HTTP/2 (MORE: so far)? Then the
 * session takes it over, with what has been read.
 */
enum http1_result h1_server_find_preface(const struct h1_server *server, const char *data,
					 size_t len);
void h1_server_become_http2(struct h1_server *server, const char *data, size_t len);

/*
 * h1_server_read.c: the socket can be read; takes up what was kept of what came before; the body is
 * due from now on, or has come.
 */
void h1_server_on_readable(struct h1_server *server);
void h1_server_take_kept(struct h1_server *server);
void h1_server_await_body(struct h1_server *server);

/* To what is no proper request. */
void h1_server_answer_badly(struct h1_server *server, unsigned status, const char *reason);

/* Puts the head of an interim or final response into the writer. False: it does not fit. */
bool h1_server_put_head(struct h1_server *server, const struct http_head *head);

/* Between requests, or not done with the head of one: nobody waits for an answer. */
bool h1_server_asks_nothing(const struct h1_server *server);
