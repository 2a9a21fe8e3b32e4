// SPDX-License-Identifier: GPL-3.0-or-later
/* The framing of gRPC: the first byte says in which pieces the rest arrives. */
#include <stdlib.h>

#include "proto/grpc_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGE_MAX = 4096 };

static void read_message(const uint8_t *data, size_t size, size_t step)
{
	struct grpc_verdict verdict = {GRPC_OK, NULL};
	struct grpc_reader reader;

	grpc_reader_init(&reader, MESSAGE_MAX);
	for (size_t at = 0; at < size && verdict.status == GRPC_OK; at += step)
		verdict = grpc_reader_feed(&reader, data + at, size - at < step ? size - at : step);
	if (verdict.status == GRPC_OK)
		verdict = grpc_reader_finish(&reader);
	if (verdict.status == GRPC_OK && buf_len(&reader.message) != size - GRPC_PREFIX)
		abort();
	grpc_reader_free(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_buf struct buf text;
	uint64_t timeout;
	unsigned status;

	buf_init(&text, MESSAGE_MAX);
	if (size > 0)
		read_message(data + 1, size - 1, data[0] ? data[0] : 1);
	grpc_message_decode(&text, (const char *)data, size);
	(void)grpc_timeout_parse((const char *)data, size, &timeout);
	if (grpc_status_parse((const char *)data, size, &status) && status > 99)
		abort();
	(void)grpc_content_type_ok((const char *)data, size);
	return 0;
}
