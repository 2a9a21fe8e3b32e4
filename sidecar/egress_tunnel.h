// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Two stream sockets tied together: bytes of each go to the other, through a bounded buffer each
 * way, until both have ended, one fails, or nothing has moved for a while. An end of file on one is
 * passed on as a shutdown of the other (half close); a reader that does not read stops its writer.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/loop.h"

enum egress_tunnel_end {
	TUNNEL_DONE,
	TUNNEL_CLIENT_FAILED, // or broke the protocol
	TUNNEL_SERVER_FAILED,
	TUNNEL_IDLE,
};

/* Called once; the tunnel is of no further use and may be freed. */
typedef void egress_tunnel_ended_fn(void *owner, enum egress_tunnel_end end);

/*
 * Looks at what the client sends: of `len` bytes *used belong to it, the rest is dropped, now and
 * ever after. False: it broke the protocol.
 */
typedef bool egress_tunnel_inspect_fn(void *owner, const uint8_t *data, size_t len, size_t *used);

struct egress_tunnel_side {
	int fd;
	struct loop_io io;
	struct buf out; // for this side to send
	bool eof;	// it sends no more
	bool shut;	// we send no more to it
	uint64_t sent;	// bytes that were written to it
};

struct egress_tunnel { // embedded in its owner
	struct egress_tunnel_side client;
	struct egress_tunnel_side server;
	struct loop_timer idle;
	uint64_t moved; // loop_now() when a byte last moved
	egress_tunnel_inspect_fn *inspect;
	egress_tunnel_ended_fn *on_ended;
	void *owner;
};

/* Empty buffers, which may be filled before the start: they are sent first. */
void egress_tunnel_init(struct egress_tunnel *tunnel);

/*
 * Takes both descriptors (non-blocking). With `inspect` this is one request and its response: the
 * response's end is the tunnel's. on_ended is never called from inside.
 */
void egress_tunnel_start(struct egress_tunnel *tunnel, struct loop *loop, int *client_fd,
			 int *server_fd, egress_tunnel_inspect_fn *inspect,
			 egress_tunnel_ended_fn *on_ended, void *owner);

void egress_tunnel_free(struct egress_tunnel *tunnel); // closes; may be called twice after init
