// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Where a request may go: pure decisions (kit-contract.md, section 3, "Calling"). The caller's
 * sidecar asks for good errors, the callee's asks again for security.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sidecar/http.h"
#include "sidecar/route_table.h"

enum route_verdict {
	ROUTE_PASS,
	ROUTE_AMBIGUOUS, // 400: the target could be read in two ways
	ROUTE_OUTSIDE,	 // 403: not at or below a path that may be called
	ROUTE_LOOP,	 // 508: too many hops
};

struct route_decision {
	enum route_verdict verdict;
	unsigned status;    // to answer with, unless ROUTE_PASS
	const char *reason; // static, unless ROUTE_PASS
	size_t endpoint;    // ROUTE_PASS: which of the paths
	unsigned hops;	    // ROUTE_PASS: this hop counted, for the request that is sent on
};

/*
 * The path of an origin-form target: what is before the first `?`. Percent-encoding is kept.
 */
struct http_text route_path(struct http_text target);

/*
 * False when the target could be read in two ways: not in origin form; `//`, `\`, `#`, control
 * bytes, bytes that must be encoded; dot segments, backslash, NUL and control bytes in any
 * encoding, also encoded twice, overlong, or behind an encoded slash or before a `;`; percent signs
 * without two digits. `%2f` passes. *why is static.
 */
bool route_target_is_plain(const struct http_head *head, const char **why);

/*
 * How many sidecars a request has passed, from its x-capakit-hops (0: there is none); false when
 * that is no number. On a link, where a field costs as much as it says, a request without has
 * passed one: its caller's.
 */
#define ROUTE_HOPS_UNSAID 1
bool route_hops(const struct http_head *head, unsigned *hops);

/* All of the above for a workload's request to one of `paths` (route_table_find). */
void route_decide(const struct route_table *paths, const struct http_head *head,
		  struct route_decision *decision);

/*
 * As route_decide, for a request that came by a link, among all endpoints of a workload, and then
 * whether the one that the path belongs to is among those that this caller was granted. A right to
 * /http is none to an endpoint at /http/admin.
 */
struct route_access {
	const char *const *endpoints;	   // of the workload
	const struct route_table *table;   // of them
	const struct route_table *granted; // to the caller
};
void route_authorise(const struct route_access *access, const struct http_head *head,
		     struct route_decision *decision);
