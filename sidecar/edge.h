// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The edge: the app's TCP listener on loopback. Who gets in is admission.h, which workload a path
 * means is edge_map.h; this file asks them and sends what passes over the links.
 */
#include "base/err.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"
#include "sidecar/edge_peer.h"
#include "sidecar/links.h"
#include "sidecar/listener.h"

struct edge;

/* Takes *fd and *peers, both also on failure; `serve` is copied. */
struct edge *edge_new(struct turn *turn, struct links *links, struct edge_peer **peers,
		      const Capakit__Sidecar__V1__ServeEdge *serve, int *fd, struct err *err);

struct listener *edge_listener(struct edge *edge);
