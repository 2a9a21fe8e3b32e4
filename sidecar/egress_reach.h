// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * From a host that may be reached by its name to a connected socket: its name is looked up, its
 * addresses are judged, and one that passed is dialled, or the host's own proxy is asked instead.
 */
#include "sidecar/egress_dial.h"
#include "sidecar/egress_resolve.h"
#include "sidecar/egress_upstream_dial.h"

struct egress_goal { // what is reached, and how; to be kept until it is done or stopped
	const struct egress_target *target;
	bool exempt;			  // its addresses may be private
	bool tunnel;			  // not one plain request
	const struct in6_addr *address;	  // what the name means; NULL: the resolver says
	const struct egress_upstream *by; // the host's own proxy; NULL: it is dialled directly
};

struct egress_reached {
	int fd;		      // the callee's from now on; -1: failed
	const uint8_t *early; // what the server has said already; good during the call
	size_t early_len;
	const char *address_refusal; // no address of it may be dialled, and why; NULL: otherwise
	unsigned status;	     // of another failure
	const char *failure;	     // static
};

/* Called once, also from inside egress_reach_start. */
typedef void egress_reached_fn(void *owner, const struct egress_reached *reached);

struct egress_reach { // embedded in its owner, zeroed
	struct loop *loop;
	struct egress_resolver *resolver;
	struct egress_goal goal;
	struct loop_timer timer;
	struct egress_lookup *lookup;
	struct egress_dial dial;
	struct egress_upstream_dial upstream_dial;
	egress_reached_fn *on_reached;
	void *owner;
};

void egress_reach_start(struct egress_reach *reach, struct loop *loop,
			struct egress_resolver *resolver, const struct egress_goal *goal,
			egress_reached_fn *on_reached, void *owner);
void egress_reach_stop(struct egress_reach *reach); // may be called twice, and on a zeroed one
