// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Which user owns the other end of an accepted loopback TCP connection, from the kernel's socket
 * table (NETLINK_SOCK_DIAG, sock_diag(7)): one exact question, answered at once, no dump.
 */
#include <stdint.h>

#include "base/err.h"

struct edge_peer; // opaque

/*
 * Opens and tries it; must be called before confine_self, in the network and user namespace of the
 * clients. ERR_UNSUPPORTED when the kernel does not answer (modules inet_diag, tcp_diag).
 */
struct edge_peer *edge_peer_open(struct err *err);
void edge_peer_close(struct edge_peer **peer);

/*
 * The user who made the socket that `fd` is connected to. Every doubt is an error (ERR_DENIED): no
 * such socket, one that its process has closed already (the kernel then names root), one in
 * another user namespace, an address that is not loopback's or this machine's own.
 */
must_check bool edge_peer_uid(struct edge_peer *peer, int fd, uint32_t *uid, struct err *err);
