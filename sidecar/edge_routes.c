// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The exposes of an app, copied out of the message that brought them.
 */
#include "sidecar/edge_routes.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { PUBLIC_PATHS_TEXT = 4096 };

static bool copy_route(struct edge_routes *routes, struct turn *turn, struct links *links,
		       const Capakit__Sidecar__V1__Expose *from, struct err *err)
{
	static const struct connection_policy defaults;
	struct edge_route *route = &routes->routes[routes->n];
	struct link_slot *slot = links_slot(links, from->link, err);

	routes->exposes[routes->n++] = (struct edge_expose){
		.public_path = xstrdup(from->public_path),
		.endpoint_path = xstrdup(from->endpoint_path),
	};
	route->peer_text = xasprintf("workload %s", from->workload);
	connection_init(&route->connection, turn, slot, route->peer_text, from->max_body,
			&defaults);
	route->n_allow_origins = from->n_allow_origins;
	route->allow_origins = xcalloc(from->n_allow_origins + 1, sizeof(char *));
	for (size_t i = 0; i < from->n_allow_origins; i++)
		route->allow_origins[i] = xstrdup(from->allow_origins[i]);
	return slot != NULL;
}

static char *list_public_paths(const struct edge_routes *routes)
{
	struct buf text;

	buf_init(&text, PUBLIC_PATHS_TEXT);
	for (size_t i = 0; i < routes->n; i++) {
		buf_append_str(&text, i ? ", " : "");
		buf_append_str(&text, routes->exposes[i].public_path);
	}
	return buf_take_str(&text);
}

static void index_public_paths(struct edge_routes *routes)
{
	auto_free const char **paths = xcalloc(routes->n + 1, sizeof(*paths));

	for (size_t i = 0; i < routes->n; i++)
		paths[i] = routes->exposes[i].public_path;
	route_table_init(&routes->public, paths, routes->n);
}

bool edge_routes_copy(struct edge_routes *routes, struct turn *turn, struct links *links,
		      const Capakit__Sidecar__V1__ServeEdge *serve, struct err *err)
{
	bool v6 = strchr(serve->address, ':') != NULL;

	*routes = (struct edge_routes){
		.address = xstrdup(serve->address),
		.port = (uint16_t)serve->port,
		.authority = xasprintf(v6 ? "[%s]:%u" : "%s:%u", serve->address, serve->port),
		.n_allow_uids = serve->n_allow_uids,
		.allow_uids = xcalloc(serve->n_allow_uids + 1, sizeof(uint32_t)),
		.exposes = xcalloc(serve->n_exposes + 1, sizeof(struct edge_expose)),
		.routes = xcalloc(serve->n_exposes + 1, sizeof(struct edge_route)),
	};
	for (size_t i = 0; i < serve->n_allow_uids; i++)
		routes->allow_uids[i] = serve->allow_uids[i];
	for (size_t i = 0; i < serve->n_exposes; i++)
		if (!copy_route(routes, turn, links, serve->exposes[i], err))
			return false;
	index_public_paths(routes);
	routes->public_paths = list_public_paths(routes);
	return true;
}

static void route_free(struct edge_route *route)
{
	for (size_t i = 0; i < route->n_allow_origins; i++)
		free(route->allow_origins[i]);
	free(route->allow_origins);
	free(route->peer_text);
}

void edge_routes_free(struct edge_routes *routes)
{
	for (size_t i = 0; i < routes->n; i++) {
		free((char *)(uintptr_t)routes->exposes[i].public_path);
		free((char *)(uintptr_t)routes->exposes[i].endpoint_path);
		route_free(&routes->routes[i]);
	}
	route_table_free(&routes->public);
	free(routes->exposes);
	free(routes->routes);
	free(routes->allow_uids);
	free(routes->address);
	free(routes->authority);
	free(routes->public_paths);
}
