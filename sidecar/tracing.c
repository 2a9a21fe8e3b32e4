// SPDX-License-Identifier: GPL-3.0-or-later
/* Ties the decision about a trace to the fields that are sent and to where random bytes come from.
 */
#include "sidecar/tracing.h"

#include "sidecar/random.h"

static void begin(struct tracing *tracing)
{
	uint8_t random[TRACE_RANDOM_LEN];

	random_take(random, sizeof(random));
	trace_context_begin(random, tracing->text);
	tracing->n = 1;
	tracing->parent = (struct http_field){.name = HTTP_TEXT("traceparent"),
					      .value = {tracing->text, sizeof(tracing->text)},
					      .id = HTTP_FIELD_TRACEPARENT};
}

void tracing_decide(const struct http_head *head, struct tracing *tracing)
{
	struct trace_decision decision = trace_context_decide(head);

	tracing->drop = 0;
	tracing->n = 0;
	if (!decision.keep_state)
		tracing->drop |= HTTP_DROP(HTTP_FIELD_TRACESTATE);
	if (!decision.begin)
		return;
	tracing->drop |= HTTP_DROP(HTTP_FIELD_TRACEPARENT);
	begin(tracing);
}
