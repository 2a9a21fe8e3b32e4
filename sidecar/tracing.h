// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The trace of a request at the first sidecar that it comes to: trace_context.h, made so. */
#include "sidecar/exchange.h"
#include "sidecar/http2.h"

/*
 * What of the trace in `head` goes on with `request`. A trace that begins here is put into *next,
 * the field behind the last of request->extra, and stays the same when x is asked again.
 */
void tracing_apply(struct exchange *x, const struct http_head *head, struct h2_request *request,
		   struct http_field *next);
