// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A whole exchange through two sidecars: the input is what a client writes, HTTP/1.1 or cleartext
 * HTTP/2, then SEPARATOR, then what the workload answers. Its first byte chooses the endpoint (of
 * a workload that speaks HTTP/1.1, or HTTP/2) and whether the client's bytes come in two pieces.
 *
 * Whatever they say: the workload gets heads that have one meaning, with the caller's name from the
 * sidecar and from nobody else; nothing is left of the exchange in either sidecar; the link stays;
 * and whoever asks next gets an answer.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lib/pair_memory.h"
#include "sidecar/http1.h"

#define SEPARATOR "\n=====\n"
#define CALLER "\r\nx-capakit-caller: " PAIR_MEMORY_CALLER "\r\n"
#define ASKED "GET /one/after HTTP/1.1\r\nHost: a\r\n\r\n"
#define ANSWERED "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nafter"

enum { INPUT_MAX = 64 * 1024, LATER_MS = 60 * 1000, FLAG_HTTP2 = 1, FLAG_CUT = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(const char *text, size_t len, const char *what)
{
	size_t n = 0;
	const char *at;

	while ((at = memmem(text, len, what, strlen(what)))) {
		len -= (size_t)(at - text) + 1;
		text = at + 1;
		n++;
	}
	return n;
}

static void check_head(const char *head, size_t len)
{
	static struct http_head parsed;
	auto_free char *copy = xmalloc(len);
	struct http1_error error;
	size_t scanned = 0, used;

	memcpy(copy, head, len);
	if (http1_parse_request(copy, len, &scanned, &parsed, &used, &error) != HTTP1_OK ||
	    used != len || parsed.form != HTTP_TARGET_ORIGIN)
		abort();
	if (parsed.target.len < 4 || memcmp(parsed.target.data, "/one", 4) != 0)
		abort(); // what this socket does not stand for
	if (count(head, len, "\nx-capakit-caller:") != 1 || count(head, len, CALLER) != 1 ||
	    count(head, len, "\nx-capakit-hops:") != 1 || count(head, len, "\nhost:") != 1 ||
	    count(head, len, "\ntraceparent:") != 1)
		abort();
}

static void ask(const struct pair_memory_call *call)
{
	auto_buf struct buf answer = {.max = INPUT_MAX};

	pair_memory_call(call, &answer);
	if (buf_len(&answer) >= 9 && call->request_len && call->request[0] != 'P' &&
	    memcmp(buf_bytes(&answer), "HTTP/1.1 ", 9) != 0)
		abort();
}

static void ask_after(void)
{
	static const struct pair_memory_call call = {
		.request = (const uint8_t *)ASKED,
		.request_len = sizeof(ASKED) - 1,
		.response = (const uint8_t *)ANSWERED,
		.response_len = sizeof(ANSWERED) - 1,
	};
	auto_buf struct buf answer = {.max = INPUT_MAX};

	pair_memory_later(LATER_MS); // the circuit may have opened
	pair_memory_call(&call, &answer);
	if (buf_len(&answer) < 12 || memcmp(buf_bytes(&answer), "HTTP/1.1 200", 12) != 0 ||
	    memcmp(buf_bytes(&answer) + buf_len(&answer) - 5, "after", 5) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;
	const uint8_t *separator;
	struct pair_memory_call call;

	if (!size || size > INPUT_MAX)
		return 0;
	if (!started)
		pair_memory_start(check_head);
	started = true;
	call = (struct pair_memory_call){.request = data + 1, .request_len = size - 1};
	call.endpoint = data[0] & FLAG_HTTP2 ? PAIR_MEMORY_HTTP2 : PAIR_MEMORY_HTTP1;
	call.cut = data[0] & FLAG_CUT ? call.request_len / 3 : 0;
	separator = memmem(call.request, call.request_len, SEPARATOR, strlen(SEPARATOR));
	if (separator) {
		call.response = separator + strlen(SEPARATOR);
		call.response_len = (size_t)(data + size - call.response);
		call.request_len = (size_t)(separator - call.request);
	} else {
		call.response = data; // nothing
	}
	ask(&call);
	ask_after();
	return 0;
}
