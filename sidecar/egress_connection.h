// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* One client of the egress proxy, from its request to the end of its tunnel; internal to egress.c.
 */
#include "base/loop.h"
#include "sidecar/egress_policy.h"
#include "sidecar/egress_resolve.h"
#include "sidecar/egress_tally.h"
#include "sidecar/egress_upstream.h"

struct egress_setup { // shared by all connections, outlives them
	struct loop *loop;
	struct egress_resolver *resolver;
	struct egress_policy policy;
	struct egress_upstreams upstreams;
	struct egress_tally *tally;
};

struct egress_connection;

/* The connection has ended: free it (allowed inside). Never called from egress_connection_new. */
typedef void egress_connection_ended_fn(void *owner, struct egress_connection *connection);

/* Takes the descriptor. */
struct egress_connection *egress_connection_new(const struct egress_setup *setup, int *fd,
						egress_connection_ended_fn *on_ended, void *owner);
/* Adds the bytes that it passed on so far. */
void egress_connection_count(const struct egress_connection *connection,
			     struct egress_tally *tally);
void egress_connection_free(struct egress_connection **connection); // cuts it, without on_ended
