// SPDX-License-Identifier: GPL-3.0-or-later
/* A log file of any content, shown as text and as JSON: nothing but LF may control a terminal. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "controller/logs/log_render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(bool json, const struct log_record *record)
{
	const struct log_style style = {.json = json, .name_width = 4};
	auto_buf struct buf out;

	buf_init(&out, 16 * MIB);
	log_render(&out, &style, "web", record);
	for (size_t i = 0; i < buf_len(&out); i++) {
		uint8_t byte = buf_bytes(&out)[i];

		if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data;
	struct log_record record;

	while (size > 0) {
		const char *end = memchr(line, '\n', size);
		size_t len = end ? (size_t)(end - line) : size;

		if (log_record_parse(line, len, &record)) {
			show(false, &record);
			show(true, &record);
		}
		size -= len + (end ? 1 : 0);
		line += len + 1;
	}
	return 0;
}
