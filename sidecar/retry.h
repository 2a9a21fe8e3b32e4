// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * May a request be repeated, may it be now, and after how long. Pure. The budget is per connection:
 * a fifth of its requests may be repetitions, and RETRY_FLOOR beyond, so that a dead workload is
 * not asked much more often than a living one.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sidecar/http.h"

struct retry_budget {
	unsigned fifths; // of one repetition
};

void retry_budget_init(struct retry_budget *budget);
void retry_budget_request(struct retry_budget *budget); // a request came: not for repetitions
bool retry_budget_take(struct retry_budget *budget);	// false: it is used up

/* GET, HEAD, OPTIONS, PUT or DELETE without a body, and no upgrade. */
bool retry_is_safe(const struct http_head *head);

/*
 * Before the n-th repetition (from 0): RETRY_BASE_MS, doubled each time up to RETRY_DELAY_MAX_MS,
 * less up to a half of it, by `random`.
 */
uint32_t retry_delay_ms(unsigned n, uint32_t random);
