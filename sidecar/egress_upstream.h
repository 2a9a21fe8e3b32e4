// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The HTTP proxy that the host itself goes out by: who goes through it, and the first words to it.
 * Pure.
 */
#include "base/buf.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"
#include "sidecar/egress_policy.h"

struct egress_upstream {
	char *host; // NULL: none
	uint16_t port;
	char *authorization; // value of Proxy-Authorization, a secret; NULL: none
};

struct egress_upstreams {
	struct egress_upstream http;  // for requests to http:// URLs
	struct egress_upstream https; // for tunnels
	char **direct;		      // who is dialled directly, as NO_PROXY writes them
	size_t n_direct;
};

/*
 * Whether an entry of NO_PROXY means the target: "*", a name (with all below it, also with a dot
 * before it), an address, a network (10.0.0.0/8), each with a port or without.
 */
bool egress_upstream_spares(const char *entry, const struct egress_target *target);

/* The proxy for the target; NULL: it is dialled directly. */
const struct egress_upstream *egress_upstream_for(const struct egress_upstreams *upstreams,
						  bool connect, const struct egress_target *target);

/* "CONNECT host:port" with its fields (RFC 9110, section 9.3.6). False when `out` is full. */
bool egress_upstream_connect(const struct egress_upstream *upstream,
			     const struct egress_target *target, struct buf *out);

/* Of the message (NULL: no proxies). To be freed, also after a failure. */
must_check bool egress_upstreams_copy(struct egress_upstreams *to,
				      const Capakit__Sidecar__V1__EgressUpstreams *from,
				      struct err *err);

/* Wipes what is secret. */
void egress_upstreams_free(struct egress_upstreams *upstreams);
