// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One end of a link: mutual TLS 1.3 with HTTP/2 inside, over a connected stream socket of whatever
 * kind. The caller's end opens streams, the callee's accepts them; each accepts exactly one peer.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "certs/tls.h"
#include "sidecar/exchange.h"
#include "sidecar/http2.h"

struct link;

struct link_owner {
	/* CALLER: the callee's first byte has arrived. CALLEE: the handshake is done. */
	void (*up)(void *owner, struct link *link);
	/* It takes no new streams any more, but serves those that are open. At most once. */
	void (*leaving)(void *owner, struct link *link);
	/* It is closed, and its memory goes at the end of the turn. Exactly once. */
	void (*down)(void *owner, struct link *link, const char *reason);
	/* CALLEE: a request; as h2_owner.request. */
	void (*request)(void *owner, struct link *link, struct exchange *x,
			const struct http_head *head);
};

struct link_config {
	enum h2_side side; // H2_CLIENT: the caller's end
	const char *name;  // for texts; copied
	const char *peer;  // the only identity accepted; copied
	struct tls_context *tls;
};

/* Takes *fd (non-blocking), also on failure. */
struct link *link_new(struct turn *turn, const struct link_config *config, int *fd,
		      const struct link_owner *ops, void *owner, struct err *err);

bool link_is_caller(const struct link *link);
bool link_usable(const struct link *link); // CALLER: it is up, and not draining

/* CALLER, usable: as h2_open. */
void link_request(struct link *link, struct exchange *x, const struct http_head *head,
		  const struct h2_request *request);

const char *link_peer(const struct link *link);

/* No new streams; closes when the open ones have ended. */
void link_drain(struct link *link);

/* Cuts it at once; `down` is called. May be called twice. */
void link_close(struct link *link, const char *reason);
