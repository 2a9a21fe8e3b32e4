// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The way to the workload: its listening socket /ingress/http.sock in this process's root. Requests
 * that came over a link are authorised here, by the callee's own sidecar, then sent on as HTTP/1.1
 * over pooled connections, or, to an endpoint that says so, over one that speaks HTTP/2.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"
#include "sidecar/exchange.h"
#include "sidecar/route_table.h"

#define INGRESS_SOCKET "/ingress/http.sock"

struct h1_client;
struct h2_socket;
LIST_HEAD(h1_clients, h1_client);

struct ingress {
	struct turn *turn;
	int (*connect)(struct ingress *ingress); // as ingress_connect
	char *workload;
	char *peer_text;	  // "workload archive"
	char **paths;		  // of its endpoints
	struct route_table table; // of them
	uint64_t *max_bodies;
	bool *http2;
	struct h2_socket *h2;	// the one that takes new requests; NULL: none does
	struct h1_clients idle; // the one used last comes first
	struct h1_clients busy;
	size_t n_clients;
	bool draining;
	bool paused; // new requests are refused
};

/* Copies what it needs of `serve`. */
struct ingress *ingress_new(struct turn *turn, const Capakit__Sidecar__V1__ServeWorkload *serve);

/* Who asks: the peer of a link, and what it was allowed. */
struct ingress_caller {
	const char *identity;
	const struct route_table *granted; // paths of endpoints
};

/* Authorises and joins a connection to x, or fails it. */
void ingress_request(struct ingress *ingress, const struct ingress_caller *caller,
		     struct exchange *x, const struct http_head *head);

/* ingress_http2.c: sends an authorised request on as HTTP/2, or fails it. */
void ingress_request_http2(struct ingress *ingress, const struct ingress_caller *caller,
			   unsigned hops, struct exchange *x, const struct http_head *head);

/* Idle connections close, busy ones as their response ends, event streams at once. */
void ingress_drain(struct ingress *ingress);

/* The same, and new requests are refused until it is resumed. */
void ingress_pause(struct ingress *ingress);
void ingress_resume(struct ingress *ingress);
bool ingress_busy(const struct ingress *ingress); // a request is with the workload

/* A connected socket to the workload, non-blocking; -1 and errno (EAGAIN: its queue is full). */
int ingress_connect(void);
