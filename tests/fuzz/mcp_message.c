// SPDX-License-Identifier: GPL-3.0-or-later
/* Event streams of a hostile MCP server, and the messages in them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "controller/tester/mcp_message.h"
#include "controller/tester/sse.h"
#include "controller/tester/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool on_event(void *owner, const char *data, size_t len)
{
	json_t *message = value_from_json(data, len);
	struct err err;

	if (mcp_kind_of(message, 1) == MCP_ANSWER) {
		const json_t *result = mcp_result(message, &err);
		json_decref(result ? mcp_value(result, &err) : NULL);
	} else if (mcp_kind_of(message, 1) == MCP_REQUEST) {
		json_t *answer = mcp_answer(message);
		if (!answer)
			abort();
		json_decref(answer);
	}
	json_decref(message);
	return true;
}

/* In pieces of the size that the first byte says. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sse sse;

	if (size < 2)
		return 0;
	size_t piece = data[0] + 1U;
	sse_init(&sse);
	for (size_t i = 1; i < size; i += piece) {
		size_t len = size - i < piece ? size - i : piece;
		if (!sse_feed(&sse, (const char *)data + i, len, on_event, NULL))
			break;
	}
	if (memchr(sse.last_id, '\0', sizeof(sse.last_id)) == NULL)
		abort();
	sse_free(&sse);
	return 0;
}
