// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A connection to a callee with its policy, in its caller's sidecar: one for each socket in
 * connect/ and for each route of the edge. It decides when a request goes, whether it goes again,
 * and what is said when it does not. The decisions are circuit.h, places.h and retry.h.
 */
#include <stdint.h>

#include "sidecar/circuit.h"
#include "sidecar/links.h"
#include "sidecar/places.h"
#include "sidecar/retry.h"

struct connection_policy {	  // all zeros: the defaults
	uint32_t timeout_ms;	  // 0: RESPONSE_TIMEOUT_MS
	uint32_t idle_timeout_ms; // 0: silence may last
	unsigned retries;	  // of one request
	unsigned max_concurrent;  // 0: no bound of its own
};

struct connection { // embedded in its owner; not freed while requests may be under way
	struct turn *turn;
	struct link_slot *slot;
	const char *peer_text; // "workload archive"; the owner's
	uint64_t max_body;
	struct connection_policy policy;
	struct circuit circuit;
	struct places places;
	struct retry_budget budget;
	struct waiters queue; // for a place
	struct turn_item next;
};

void connection_init(struct connection *connection, struct turn *turn, struct link_slot *slot,
		     const char *peer_text, uint64_t max_body,
		     const struct connection_policy *policy);

/* From http_service.request, first: whose request it is, and how long it may take. */
void connection_begin(const struct connection *connection, struct exchange *x);

/* Forgets the failures of the past. */
void connection_forgive(struct connection *connection);

/*
 * From http_service.request, when it may pass: the link to send it over at once. NULL: it waits,
 * and the service is asked again, or it has failed.
 */
struct link *connection_admit(struct connection *connection, struct exchange *x,
			      const struct http_head *head);
