// SPDX-License-Identifier: GPL-3.0-or-later
/* Prints the table of our own processes, for tests/build/confinement.test. */
#include <stdio.h>

#include "base/limits.h"
#include "confine/describe.h"

int main(void)
{
	auto_buf struct buf out;
	buf_init(&out, 64 * KIB);
	if (!confine_describe(&out))
		return 1;
	return fwrite(buf_bytes(&out), 1, buf_len(&out), stdout) == buf_len(&out) ? 0 : 1;
}
