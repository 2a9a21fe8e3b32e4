// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which numbers of streams a client has skipped. Whoever skips often is forgotten the oldest: then
 * such a head is ignored, as nghttp2 does by itself.
 */
#include "sidecar/http2_numbers.h"

static void skip(struct h2_numbers *numbers, uint32_t from, uint32_t to)
{
	unsigned at = numbers->n_skipped++ % H2_SKIPPED_MAX;

	numbers->skipped[at].from = from;
	numbers->skipped[at].to = to;
}

static bool was_skipped(const struct h2_numbers *numbers, uint32_t number)
{
	for (unsigned i = 0; i < H2_SKIPPED_MAX && i < numbers->n_skipped; i++)
		if (number >= numbers->skipped[i].from && number <= numbers->skipped[i].to)
			return true;
	return false;
}

bool h2_numbers_take(struct h2_numbers *numbers, uint32_t number)
{
	uint32_t next = numbers->last ? numbers->last + 2 : 1;

	if (number <= numbers->last)
		return !was_skipped(numbers, number);
	if (number > next)
		skip(numbers, next, number - 1);
	numbers->last = number;
	return true;
}
