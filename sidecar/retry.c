// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Repetitions help with what is over in a moment, a restart or a link that is replaced, and make
 * worse what is not: hence the budget, and delays that spread out.
 */
#include "sidecar/retry.h"

enum { COST = 5, FIFTHS_MAX = COST * RETRY_SAVED_MAX };

void retry_budget_init(struct retry_budget *budget)
{
	budget->fifths = COST * RETRY_FLOOR;
}

void retry_budget_request(struct retry_budget *budget)
{
	if (budget->fifths < FIFTHS_MAX)
		budget->fifths++;
}

bool retry_budget_take(struct retry_budget *budget)
{
	if (budget->fifths < COST)
		return false;
	budget->fifths -= COST;
	return true;
}

bool retry_is_safe(const struct http_head *head)
{
	struct http_text method = head->method;

	return head->framing == HTTP_BODY_NONE &&
	       (http_text_is(method, "GET") || http_text_is(method, "HEAD") ||
		http_text_is(method, "OPTIONS") || http_text_is(method, "PUT") ||
		http_text_is(method, "DELETE"));
}

uint32_t retry_delay_ms(unsigned n, uint32_t random)
{
	uint32_t longest = n < 16 ? (uint32_t)RETRY_BASE_MS << n : RETRY_DELAY_MAX_MS;

	if (longest > RETRY_DELAY_MAX_MS)
		longest = RETRY_DELAY_MAX_MS;
	return longest - random % (longest / 2 + 1);
}
