// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Cleartext HTTP/2 with prior knowledge on a socket: towards a workload that speaks it (H2_CLIENT),
 * or from a client that does (H2_SERVER).
 */
#include "sidecar/http2.h"

struct h2_socket;

struct h2_socket_owner {
	/* H2_SERVER: as h2_owner.request. */
	void (*request)(void *owner, struct exchange *x, const struct http_head *head);
	/* H2_SERVER: is its client gone, of whom an end of file has come? (client_gone.h) */
	bool (*is_gone)(void *owner, int fd);
	/* Its memory goes at the end of the turn. Exactly once. */
	void (*closed)(void *owner, struct h2_socket *socket);
};

/* Takes the connected, non-blocking socket. It closes itself after idle_ms without a stream. */
struct h2_socket *h2_socket_new(struct turn *turn, enum h2_side side, int fd, uint32_t idle_ms,
				const struct h2_socket_owner *ops, void *owner);

/* H2_CLIENT */
bool h2_socket_usable(const struct h2_socket *socket);
void h2_socket_request(struct h2_socket *socket, struct exchange *x, const struct http_head *head,
		       const struct h2_request *request);

/* H2_SERVER: bytes that were read from the socket before it was known to be this one's. */
void h2_socket_take(struct h2_socket *socket, const uint8_t *data, size_t len);

/* No new streams; it closes when the open ones have ended. */
void h2_socket_drain(struct h2_socket *socket);

void h2_socket_close(struct h2_socket *socket, const char *reason); // may be called twice
