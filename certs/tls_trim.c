// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * More than half of what wolfSSL 5.5 allocates for a connection is room for two chains of nine
 * certificates, in its session object; a link has one small certificate. The pages of it that are
 * all zero are handed back to the kernel, which puts zeroes there again should anybody look: the
 * content does not change, so it does not matter what wolfSSL does with them later.
 */
#include <malloc.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "certs/tls_parts.h"

static bool is_zero(const char *page, size_t size)
{
	return page[0] == 0 && memcmp(page, page + 1, size - 1) == 0;
}

void tls_trim(WOLFSSL *ssl)
{
	char *start = (char *)wolfSSL_get_session(ssl);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	if (!start)
		return;
	char *end = start + malloc_usable_size(start);
	char *at = start + (page - (uintptr_t)start % page) % page;
	for (; at < end && (size_t)(end - at) >= page; at += page)
		if (is_zero(at, page))
			madvise(at, page, MADV_DONTNEED);
}
