// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A connection to a host outside, with TLS: what is written to one end of a socket pair goes there
 * encrypted, and back. It lives by itself, until both sides have ended.
 */
#include "certs/tls.h"
#include "sidecar/egress_reach.h"
#include "sidecar/turn.h"

struct outside_wires { // what all of a process share
	struct turn *turn;
	struct egress_resolver *resolver;
	struct tls_context *tls;
};

/*
 * The plain end (non-blocking), or -1 with errno. What keeps the host from being reached is said
 * there as an HTTP response, 502, before the end of file. `goal` and `name` stay the caller's and
 * live as long as the process.
 */
int outside_wire_open(const struct outside_wires *wires, const struct egress_goal *goal,
		      const char *name);
