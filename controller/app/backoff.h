// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* When something that ended by itself is started again. Pure. */
#include <stdint.h>

#define BACKOFF_FIRST_MS 200u
#define BACKOFF_MAX_MS 30000u
#define BACKOFF_STEADY_MS 60000u // after running so long, earlier restarts are forgiven

/* The delay before the n-th restart in a row (from 0): doubling, with a maximum. */
static inline uint64_t backoff_delay_ms(unsigned restarts)
{
	uint64_t delay = restarts < 16 ? (uint64_t)BACKOFF_FIRST_MS << restarts : BACKOFF_MAX_MS;
	return delay < BACKOFF_MAX_MS ? delay : BACKOFF_MAX_MS;
}
