// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Faults that a test run asks for: calls over a link fail as if the callee had. They lie where a
 * link is chosen, below the policy of a connection, so that its timeouts, repetitions and circuit
 * see them as they see real ones. A process takes them only if it was configured for a test run.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"
#include "sidecar/turn.h"

struct exchange;
struct http_head;
struct link_slot;

struct fault { // all zeros: none
	Capakit__Sidecar__V1__Fault__Kind kind;
	bool mid_stream; // once a response has begun, else before
	uint32_t latency_ms;
	unsigned status;
};

/*
 * From the connection, when a request might go over a link of this slot. True: it does not, for
 * now (a latency, after which the service is asked again) or at all (it has failed).
 */
bool fault_at_start(struct link_slot *slot, struct exchange *x, const struct http_head *head);

/* The response of one request to which something is to happen in its middle. */
struct fault_hold;

/* From exchange_response_grew: true: the front is not to be told of what has come. */
bool fault_in_response(struct exchange *x);

/* With the exchange; x->fault is NULL afterwards. */
void fault_forget(struct exchange *x);
