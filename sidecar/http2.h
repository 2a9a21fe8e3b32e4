// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * An HTTP/2 session (RFC 9113) on memory, by nghttp2: the client side opens streams as backs of
 * exchanges, the server side makes each incoming stream the front of one. It moves no bytes: its
 * owner gives it what arrived, and takes what is to be sent when it was woken for that.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "sidecar/exchange.h"

struct h2;

enum h2_side { H2_CLIENT, H2_SERVER };

/* What the peer may do; all that links allow, unless it is a client of whom nobody knows more. */
struct h2_limits {
	uint32_t streams; // at once
	uint64_t resets_burst, resets_per_s;
};
extern const struct h2_limits h2_link_limits;

struct h2_owner {
	const struct h2_limits *limits; // NULL: h2_link_limits
	/* There is something to send: h2_produce before the loop waits. Called often, do little. */
	void (*wake)(void *owner);
	/* SERVER: a request, its body still to come. Join a back to x or fail it, before returning.
	 */
	void (*request)(void *owner, struct exchange *x, const struct http_head *head);
	bool tunnels; // SERVER: clients may open WebSockets (extended CONNECT)
	/* The last stream has ended. */
	void (*quiet)(void *owner);
	/* CLIENT: the peer accepts no new streams (GOAWAY). */
	void (*refused)(void *owner);
};

struct h2 *h2_new(struct turn *turn, enum h2_side side, const struct h2_owner *ops, void *owner);

/* Ends every exchange that is left: fronts are gone, backs fail with 502 and `reason`. */
void h2_free(struct h2 **h2, const char *reason);

/* Bytes from the peer. False: the session is broken; send what h2_produce gives (GOAWAY), and end
 * it. Not to be called from its callbacks. */
must_check bool h2_receive(struct h2 *h2, const uint8_t *data, size_t len, struct err *err);

/* The next bytes to send, good until the next call: 0 when there are none for now, -1 when broken.
 */
ssize_t h2_produce(struct h2 *h2, const uint8_t **data);

/* What a client sends with a request beside what it passes on from the head. */
struct h2_request {
	struct http_text method;
	struct http_text target;
	struct http_text authority;
	const struct http_field *extra; // fields of our own
	size_t n_extra;
	unsigned drop; // fields of the head that are left out: HTTP_DROP(id), and more of them
};

/* CLIENT: joins a new stream to x and sends the request, or fails x. */
void h2_open(struct h2 *h2, struct exchange *x, const struct http_head *head,
	     const struct h2_request *request);

/* It has said GOAWAY for an error of the peer, or was ended: nothing more comes of it. */
bool h2_over(const struct h2 *h2);

bool h2_may_open(const struct h2 *h2); // CLIENT: no GOAWAY has come

/* SERVER: nothing more comes of the client. Requests that were not complete are dropped. */
void h2_eof(struct h2 *h2);

/* SERVER: asks the client to open no more streams. Open ones go on. */
void h2_drain(struct h2 *h2);

/* Says goodbye (GOAWAY); call when it is quiet, then send what h2_produce gives. */
void h2_terminate(struct h2 *h2);

size_t h2_streams(const struct h2 *h2); // that are open
size_t h2_memory(const struct h2 *h2);	// bytes that the session itself holds
/* Since when a head is being received that has no end yet (loop_now); 0: none is. */
uint64_t h2_head_begun(const struct h2 *h2);
