// SPDX-License-Identifier: GPL-3.0-or-later
// A request to the egress proxy, and what it makes of it for the server: that must be read as one
// request to the same host by the same strict parser, framed in the same way.
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sidecar/egress_request.h"
#include "sidecar/http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct http_head head, again;

static void check(const struct egress_request *request, struct buf *out)
{
	struct http1_error error;
	size_t scanned = 0, used;
	if (http1_parse_request((char *)buf_bytes(out), buf_len(out), &scanned, &again, &used,
				&error) != HTTP1_OK)
		abort();
	if (used != buf_len(out) || again.form != HTTP_TARGET_ORIGIN || again.keep_alive ||
	    again.framing != head.framing || again.content_length != head.content_length)
		abort();
	if (!memmem(again.host.data, again.host.len, request->target.name,
		    strlen(request->target.name)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct egress_request request;
	struct http1_error error;
	struct err err;
	size_t scanned = 0, used;
	auto_buf struct buf out;
	auto_free char *text = xmalloc(size + 1);
	buf_init(&out, 2 * HTTP_HEADER_BYTES_MAX);
	memcpy(text, data, size);
	if (http1_parse_request(text, size, &scanned, &head, &used, &error) != HTTP1_OK ||
	    !egress_request_read(&head, &request, &err) || request.connect)
		return 0;
	// Two fields are added, which may be two too many for the parser.
	if (head.n_fields < HTTP_HEADERS_MAX - 2 && size < HTTP_HEADER_BYTES_MAX / 2 &&
	    egress_request_write(&head, &request, NULL, &out))
		check(&request, &out);
	return 0;
}
