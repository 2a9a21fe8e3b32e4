// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Public paths to endpoint paths and back (kit-contract.md, section 4); the same for the path by
 * which a caller knows an endpoint that it imports. Pure. Targets are
 * origin-form request targets (path and query) that the HTTP parser has accepted; values of
 * response fields are foreign and may be anything.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "sidecar/http.h"

struct edge_expose {
	const char *public_path;   // "/", "/mcp"; no slash at the end but in "/"
	const char *endpoint_path; // "/", "/http"
};

/* Is it a response field that names paths: Location, Content-Location, Set-Cookie? */
bool edge_map_names_path(const struct http_field *field);

/* Appends such a field as a line, mapped as edge_map_location and edge_map_cookie do. */
bool edge_map_field(const struct edge_expose *expose, const char *authority,
		    const struct http_field *field, struct buf *out);

/* Appends the workload's target: the public prefix off, the endpoint's path in front. */
bool edge_map_target(const struct edge_expose *expose, const char *target, size_t len,
		     struct buf *out);

/*
 * Appends a Location or Content-Location as the client must see it. `authority` is the app's own
 * "address:port" (the origins http://<authority> and http://capakit.local are the workload's own).
 * Own paths become public ones; relative references and foreign URLs stay as they are.
 */
bool edge_map_location(const struct edge_expose *expose, const char *authority, const char *value,
		       size_t len, struct buf *out);

/* Appends a Set-Cookie with its Path mapped the same way and an own Domain (capakit.local) left
 * out. */
bool edge_map_cookie(const struct edge_expose *expose, const char *value, size_t len,
		     struct buf *out);
