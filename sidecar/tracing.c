// SPDX-License-Identifier: GPL-3.0-or-later
/* Ties the decision about a trace to the request that is sent and to where random bytes come from.
 */
#include "sidecar/tracing.h"

#include "sidecar/random.h"

static void begin(struct exchange *x)
{
	uint8_t random[TRACE_RANDOM_LEN];

	random_take(random, sizeof(random));
	trace_context_begin(random, x->traceparent);
	x->traced = true;
}

void tracing_apply(struct exchange *x, const struct http_head *head, struct h2_request *request,
		   struct http_field *next)
{
	struct trace_decision decision = trace_context_decide(head);

	if (!decision.keep_state)
		request->drop |= H2_DROP(HTTP_FIELD_TRACESTATE);
	if (!decision.begin)
		return;
	request->drop |= H2_DROP(HTTP_FIELD_TRACEPARENT);
	if (!x->traced)
		begin(x);
	*next = (struct http_field){.name = HTTP_TEXT("traceparent"),
				    .value = {x->traceparent, sizeof(x->traceparent)}};
	request->n_extra++;
	request->once = true;
}
