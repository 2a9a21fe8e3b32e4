// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Names to addresses: the host's hosts file as it was when the process started, then DNS through
 * c-ares, on the event loop. No search list: a name means itself only.
 */
#include <netinet/in.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/loop.h"
#include "sidecar/egress.h"

struct egress_lookup; // one question under way

/*
 * The addresses (IPv4 as ::ffff:a.b.c.d), or none and why. Called once unless cancelled, never from
 * inside egress_lookup_new; the lookup is gone by then.
 */
typedef void egress_found_fn(void *owner, const struct in6_addr *addresses, size_t n_addresses,
			     const char *failure);

/* The resolver runs on this loop from now on; it must be freed before the loop is. */
void egress_resolver_start(struct egress_resolver *resolver, struct loop *loop);

struct egress_lookup *egress_lookup_new(struct egress_resolver *resolver, const char *name,
					egress_found_fn *on_found, void *owner);
void egress_lookup_cancel(struct egress_lookup **lookup); // on_found will not be called
