// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Connects to the first of some addresses that answers, one after another. */
#include <netinet/in.h>

#include "base/limits.h"
#include "base/loop.h"

/*
 * The connected socket, or -1 and an errno value. Called once unless stopped, never from inside
 * egress_dial_start.
 */
typedef void egress_dialled_fn(void *owner, int fd, int errnum);

struct egress_dial { // embedded in its owner, zeroed before the start
	int fd;
	struct loop_io io;
	struct loop_timer timer;
	struct in6_addr addresses[EGRESS_ADDRESSES_MAX];
	size_t n_addresses;
	size_t next;
	uint16_t port;
	int errnum;
	egress_dialled_fn *on_dialled;
	void *owner;
};

/* Between one and EGRESS_ADDRESSES_MAX addresses, IPv4 as ::ffff:a.b.c.d. */
void egress_dial_start(struct egress_dial *dial, struct loop *loop,
		       const struct in6_addr *addresses, size_t n_addresses, uint16_t port,
		       egress_dialled_fn *on_dialled, void *owner);
void egress_dial_stop(struct egress_dial *dial); // may be called twice, and on a zeroed one

/* Is it one of this machine's own addresses, public ones included? Sends nothing. */
bool egress_address_is_own(const struct in6_addr *address);
