// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A connection on which we speak HTTP/1.1 to the workload: the back of one exchange at a time. Kept
 * between exchanges for less long than the SDK keeps its side.
 */
#include <stdbool.h>
#include <sys/queue.h>

#include "base/loop.h"
#include "sidecar/exchange.h"
#include "sidecar/h1_writer.h"
#include "sidecar/http1.h"
#include "sidecar/ingress.h"
#include "sidecar/websocket.h"

enum { H1_CLIENT_READ = 64 * 1024 }; // bytes that are read at once, and may have to be kept

struct h1_client {
	struct ingress *ingress;
	struct exchange *x; // NULL: idle
	int fd;		    // -1: the workload's accept queue was full, tried again
	struct loop_io io;
	struct turn_item flush;
	struct deadline idle; // of the pool; or until the next try to connect
	uint64_t give_up_at;  // connecting
	struct buf in;	      // of a response head that is not complete
	size_t scanned;
	struct http1_body body;
	struct h1_writer writer;
	bool reused;	 // it has served an exchange before
	bool may_repeat; // the request, on a fresh connection, if this one turns out to be dead
	bool got_bytes;	 // of the response
	bool head_done;	 // the final response head has come
	bool keep_alive;
	bool request_done; // all of the request is out
	bool blocked;
	bool eof;	 // of a tunnel: the workload says no more
	bool write_dead; // the workload reads no more, but may still answer
	bool to_head;
	bool event_stream; // the response has no end of its own
	bool sent_key;	   // of a WebSocket, so that its answer has to be `accept`
	char accept[WEBSOCKET_ACCEPT];
	unsigned n_interim; // 1xx responses so far
	bool closed;
	LIST_ENTRY(h1_client) next; // of the idle or the busy ones
};

/* Joins x: takes an idle connection or makes one. Put the request head into its writer next. */
struct h1_client *h1_client_join(struct ingress *ingress, struct exchange *x,
				 const struct http_head *head);

/* The request head has been put into client->writer.head. */
void h1_client_start(struct h1_client *client, enum http_framing framing);

/* A busy one: ends an event stream at once, anything else with its response. */
void h1_client_drain(struct h1_client *client);

/*
 * h1_client_tunnel.c: the request asks for one; the workload's 101 has come; it says no more; all
 * that the client will ever say has been written to it.
 */
void h1_client_ask_tunnel(struct h1_client *client, const struct http_head *head);
void h1_client_open_tunnel(struct h1_client *client, struct http_head *head);
void h1_client_tunnel_eof(struct h1_client *client);
void h1_client_tunnel_written(struct h1_client *client);

void h1_client_close(struct h1_client *client);

/*
 * h1_client_read.c: the socket can be read; the response is complete (`rest`: bytes have come that
 * belong to no response).
 */
void h1_client_on_readable(struct h1_client *client);
void h1_client_complete(struct h1_client *client, bool rest);

/* It closes, and its exchange fails; the connection has ended before the response was complete. */
void h1_client_fail(struct h1_client *client, unsigned status, const char *reason);
void h1_client_on_dead(struct h1_client *client);
