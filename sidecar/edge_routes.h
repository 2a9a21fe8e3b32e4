// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What the edge serves, as ServeEdge says it, copied into a form that lasts. */
#include "base/err.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"
#include "sidecar/admission.h"
#include "sidecar/edge_map.h"
#include "sidecar/connection.h"
#include "sidecar/route_table.h"

struct edge_route {
	struct connection connection;
	char *peer_text; // "workload archive"
	char **allow_origins;
	size_t n_allow_origins;
};

struct edge_routes {
	char *address;
	uint16_t port;
	char *authority; // "127.83.1.2:8080"
	uint32_t *allow_uids;
	size_t n_allow_uids;
	size_t n;
	struct edge_expose *exposes; // n, beside `routes`
	struct edge_route *routes;
	struct route_table public; // of the public paths
	char *public_paths;	   // "/, /mcp", for error texts
};

must_check bool edge_routes_copy(struct edge_routes *routes, struct turn *turn, struct links *links,
				 const Capakit__Sidecar__V1__ServeEdge *serve, struct err *err);
void edge_routes_free(struct edge_routes *routes);
