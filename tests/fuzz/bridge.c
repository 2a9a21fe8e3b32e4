// SPDX-License-Identifier: GPL-3.0-or-later
/* A line that a workload sends over its bridge; and any bytes as a secret's value. */
#include <stdlib.h>
#include <string.h>

#include "sidecar/bridge_rpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bridge_request request;
	auto_buf struct buf out;

	bridge_parse((const char *)data, size, &request);
	if (request.op == BRIDGE_INVALID && (!request.code || !request.message))
		abort();
	if (strlen(request.id) > BRIDGE_ID_MAX || strlen(request.secret) > SECRET_NAME_MAX)
		abort();
	buf_init(&out, bridge_value_size(request.id, size));
	if (!bridge_put_value(&out, request.id, data, size))
		return 0; // no text
	if (memchr(buf_bytes(&out), '\n', buf_len(&out)) != buf_bytes(&out) + buf_len(&out) - 1)
		abort(); // one line, whatever the value holds
	return 0;
}
