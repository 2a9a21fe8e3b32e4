// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The egress sidecar: an HTTP proxy (CONNECT host:port, and absolute-form http://) for one phase of
 * one workload, on a listening socket inside the sandbox's network namespace. Allow list by name
 *and port; names are resolved here, once, and the address that was checked is the one dialled.
 *
 *	resolver = egress_prepare(&err);          // reads resolv.conf and hosts
 *	confine_self(CONFINE_EGRESS, -1, &err);
 *	egress = egress_new(loop, &resolver, &listen_fd, message, &err);
 */
#include "base/err.h"
#include "base/loop.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"

struct egress;
struct egress_resolver; // egress_resolve.h
struct egress_tally;	// egress_tally.h

/* Before confine_self: afterwards there are no files. */
struct egress_resolver *egress_prepare(struct err *err);
void egress_resolver_free(struct egress_resolver **resolver);

/*
 * Takes the resolver and the descriptor, both also on failure; `serve` is copied. Serves at once.
 * ERR_PROTOCOL: a rule that makes no sense.
 */
struct egress *egress_new(struct loop *loop, struct egress_resolver **resolver, int *listen_fd,
			  const Capakit__Sidecar__V1__ServeEgress *serve, struct err *err);

/* What it did so far, open connections included. */
void egress_count(const struct egress *egress, struct egress_tally *tally);

/* `on_tally` is called from the loop when the numbers have changed, at most once in
 * EGRESS_COUNTERS_MS. */
typedef void egress_tally_fn(void *owner);
void egress_watch(struct egress *egress, egress_tally_fn *on_tally, void *owner);

/*
 * No new connections; `on_drained` is called once, from the loop, when the last one has ended; it
 * may call egress_free.
 */
typedef void egress_drained_fn(void *owner);
void egress_drain(struct egress *egress, egress_drained_fn *on_drained, void *owner);

void egress_free(struct egress **egress); // cuts what is open
