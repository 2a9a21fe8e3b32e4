// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Hosts outside, as connections of a workload: each is a link that ends here. Its requests are
 * authorised here, a header with a secret is put in, and they go on as HTTP/1.1 over TLS.
 */
#include "base/err.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"
#include "sidecar/egress.h"
#include "sidecar/exchange.h"
#include "sidecar/keeper.h"

struct outside;

/*
 * Takes the resolver, also on failure, and *fd, a file of the certificates that this host trusts.
 */
struct outside *outside_new(struct turn *turn, struct egress_resolver **resolver,
			    struct keeper *keeper, const Capakit__Sidecar__V1__ServeOutside *serve,
			    int *fd, struct err *err);

/* A request that came over the link of this name: joins a connection to x, waits, or fails it. */
void outside_request(struct outside *outside, const char *link, struct exchange *x,
		     const struct http_head *head);

void outside_drain(struct outside *outside); // as ingress_drain
