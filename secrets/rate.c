// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Each attempt to get a secret becomes an audit record, so that without a limit a hostile
 * workload could fill the disk with them, and keep the keeper from serving others.
 */
#include "secrets/rate.h"

/* A thousandth of a token is refilled per_second times in a millisecond. */
static uint64_t spent_at(const struct rate *rate, uint64_t now_ms)
{
	uint64_t refilled = (now_ms - rate->at_ms) * rate->per_second;

	return refilled >= rate->spent_milli ? 0 : rate->spent_milli - refilled;
}

bool rate_take(struct rate *rate, uint64_t now_ms)
{
	rate->spent_milli = spent_at(rate, now_ms);
	rate->at_ms = now_ms;
	if (rate->spent_milli + 1000 > (uint64_t)rate->burst * 1000)
		return false;
	rate->spent_milli += 1000;
	return true;
}

bool rate_is_full(const struct rate *rate, uint64_t now_ms)
{
	return spent_at(rate, now_ms) == 0;
}
