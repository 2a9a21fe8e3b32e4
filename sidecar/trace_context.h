// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * W3C Trace Context (www.w3.org/TR/trace-context, sections 3 and 4) as a proxy keeps it: a valid
 * `traceparent` passes unchanged, since this program records no spans of its own that could be
 * anyone's parent; one that is missing, not valid or there twice is replaced by one that begins a
 * trace. Pure: the caller gives the random bytes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sidecar/http.h"

#define TRACEPARENT_LEN 55 // 00-<32 hex digits>-<16>-<2>
#define TRACE_RANDOM_LEN 24

struct trace_decision {
	bool begin;	 // no valid traceparent: one is to be set, and what came is dropped
	bool keep_state; // the tracestate of the request belongs to it, and is not too long
};

struct trace_decision trace_context_decide(const struct http_head *head);

/* A new trace: sampled, so that tracers in the app that do as their caller did record it. */
void trace_context_begin(const uint8_t random[TRACE_RANDOM_LEN], char to[TRACEPARENT_LEN]);
