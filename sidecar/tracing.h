// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The trace of a request that is about to reach a workload: trace_context.h, made so. It is done by
 * the sidecar of the workload that is called, since nobody before it has a use for a trace that
 * begins, and 55 random digits cost a link more than all other fields of a small request.
 */
#include "sidecar/http.h"
#include "sidecar/trace_context.h"

struct tracing {
	unsigned drop;		  // HTTP_DROP of the fields that do not go on as they came
	size_t n;		  // 1: `parent` begins a trace, and is to be sent
	struct http_field parent; // points into text: of no use in a copy
	char text[TRACEPARENT_LEN];
};

/* What of the trace in `head` goes on, and whether one begins. */
void tracing_decide(const struct http_head *head, struct tracing *tracing);
