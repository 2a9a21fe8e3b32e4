// SPDX-License-Identifier: GPL-3.0-or-later
/* A connection's bytes: heads and bodies as the sidecar reads them, whole and cut in two. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sidecar/http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How much of the message was read; *head_end says where its body began. 0: refused or incomplete.
 */
static size_t read_message(char *data, size_t size, size_t cut, bool request, size_t *head_end)
{
	static struct http_head head;
	struct http1_error error = {0};
	struct http1_body body;
	auto_buf struct buf out;
	size_t scanned = 0, used = 0, at;
	enum http1_result result = HTTP1_MORE;

	buf_init(&out, 65536);
	for (size_t len = cut; result == HTTP1_MORE && len <= size;
	     len = len == size ? size + 1 : size)
		result = request ? http1_parse_request(data, len, &scanned, &head, &used, &error)
				 : http1_parse_response(data, len, &scanned, false, &head, &used,
							&error);
	if (result == HTTP1_BAD && (error.status < 400 || error.status > 505 || !error.reason))
		abort();
	*head_end = used;
	if (result != HTTP1_OK)
		return 0;
	for (size_t i = 0; i < head.n_fields; i++)
		for (size_t k = 0; k < head.fields[i].value.len; k++)
			if (strchr("\r\n", head.fields[i].value.data[k])) // NUL too
				abort();
	http1_body_start(&body, &head);
	at = used;
	do {
		result = http1_body_decode(&body, data + at, size - at, &out, &used, &error);
		at += used;
		buf_clear(&out);
	} while (result == HTTP1_MORE && used);
	return result == HTTP1_OK ? at : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int request = 0; request < 2; request++) {
		auto_free char *whole = xmalloc(size + 1);
		auto_free char *pieces = xmalloc(size + 1);
		size_t head_whole, head_pieces;

		memcpy(whole, data, size);
		memcpy(pieces, data, size);
		if (read_message(whole, size, size, request, &head_whole) !=
			    read_message(pieces, size, size / 2, request, &head_pieces) ||
		    head_whole != head_pieces)
			abort(); // where it was cut must not matter
	}
	return 0;
}
