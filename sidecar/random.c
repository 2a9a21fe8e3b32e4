// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One store for the process, of which each byte is given out once. 4 KiB serve 170 requests that
 * begin a trace. getrandom(2) does not fail once the kernel's generator is seeded but for what a
 * confinement would make of it, and a sidecar that cannot name things at random must not go on.
 */
#include "sidecar/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"

static uint8_t store[4096];
static size_t left;

static void fill(void)
{
	size_t have = 0;

	while (have < sizeof(store)) {
		ssize_t got = getrandom(store + have, sizeof(store) - have, 0);

		if (got < 0 && errno != EINTR) {
			log_error("getrandom: %s", strerror(errno));
			abort();
		}
		have += got > 0 ? (size_t)got : 0;
	}
	left = sizeof(store);
}

void random_take(void *to, size_t n)
{
	if (left < n)
		fill();
	left -= n;
	memcpy(to, store + left, n);
}
