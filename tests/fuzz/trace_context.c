// SPDX-License-Identifier: GPL-3.0-or-later
/* traceparent and tracestate: what passes has the form that everybody behind relies on. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "sidecar/trace_context.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Lines: the first is a traceparent, each further one a tracestate. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_head head;
	struct http_text name = HTTP_TEXT("traceparent");
	struct http_text first = {NULL, 0};
	struct trace_decision decision;
	uint64_t flags;

	http_head_reset(&head);
	for (size_t from = 0; from <= size;) {
		const uint8_t *end = from < size ? memchr(data + from, '\n', size - from) : NULL;
		size_t len = end ? (size_t)(end - data) - from : size - from;
		struct http_text value = {(const char *)data + from, len};

		if (!http_head_add(&head, name, value))
			break;
		if (!first.data)
			first = value;
		name = HTTP_TEXT("tracestate");
		from += len + 1;
	}
	decision = trace_context_decide(&head);
	if (decision.begin && decision.keep_state)
		abort();
	if (decision.begin)
		return 0;
	if (first.len < TRACEPARENT_LEN || first.len > TRACEPARENT_MAX || first.data[2] != '-' ||
	    first.data[35] != '-' || first.data[52] != '-' ||
	    !num_parse_hex(first.data + 53, 2, 255, &flags))
		abort();
	return 0;
}
