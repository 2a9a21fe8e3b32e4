// SPDX-License-Identifier: GPL-3.0-or-later
/* Whatever is escaped comes out without controls, and escaping it again changes nothing. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_buf struct buf once;
	auto_buf struct buf twice;

	buf_init(&once, 4 * size);
	buf_init(&twice, 4 * size);
	if (!text_escape(&once, data, size) ||
	    !text_escape(&twice, buf_bytes(&once), buf_len(&once)))
		abort();
	if (buf_len(&once) != buf_len(&twice) ||
	    memcmp(buf_bytes(&once), buf_bytes(&twice), buf_len(&once)) != 0)
		abort();
	for (size_t i = 0; i < buf_len(&once); i++) {
		if (buf_bytes(&once)[i] < 0x20 && buf_bytes(&once)[i] != '\t')
			abort();
	}
	return 0;
}
