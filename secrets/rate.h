// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* How often something may happen: a burst, refilled at a steady pace (a token bucket). Pure. */
#include <stdbool.h>
#include <stdint.h>

struct rate {
	uint32_t burst;
	uint32_t per_second;
	uint64_t spent_milli; // thousandths of tokens that are gone
	uint64_t at_ms;	      // when that was so
};

/* True: it may happen, and a token is gone. `now_ms` does not go back. */
bool rate_take(struct rate *rate, uint64_t now_ms);

/* Nothing has happened for so long that the whole burst is there again. */
bool rate_is_full(const struct rate *rate, uint64_t now_ms);
