// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The way through the host's own proxy: its name is looked up, it is dialled, and for a tunnel it
 * is asked for one. Only then bytes of the client go there.
 */
#include "base/buf.h"
#include "sidecar/egress_dial.h"
#include "sidecar/egress_resolve.h"
#include "sidecar/egress_upstream.h"

/*
 * Called once, also from inside egress_upstream_dial_start: a connected socket, from then on the
 * callee's, with what came behind the proxy's answer already (`early`, good during the call); or -1
 * with a static text and the status for it.
 */
struct egress_upstream_result {
	int fd;
	const uint8_t *early;
	size_t early_len;
	unsigned status;
	const char *failure;
};
typedef void egress_upstream_dialled_fn(void *owner, const struct egress_upstream_result *result);

struct egress_upstream_dial { // embedded in its owner, zeroed
	struct loop *loop;
	const struct egress_upstream *upstream;
	const struct egress_target *target; // of a tunnel; NULL: a request
	struct egress_lookup *lookup;
	struct egress_dial dial;
	int fd;
	struct loop_io io;
	struct loop_timer timer;
	struct buf out, in;
	size_t scanned;
	egress_upstream_dialled_fn *on_dialled;
	void *owner;
};

/* `upstream` and `target` stay the caller's until it is done or stopped. */
void egress_upstream_dial_start(struct egress_upstream_dial *dial, struct loop *loop,
				struct egress_resolver *resolver,
				const struct egress_upstream *upstream,
				const struct egress_target *target,
				egress_upstream_dialled_fn *on_dialled, void *owner);
void egress_upstream_dial_stop(struct egress_upstream_dial *dial); // may be called twice
