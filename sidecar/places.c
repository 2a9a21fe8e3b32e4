// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * First come, first served: whoever comes while others wait, waits behind them, even when a place
 * has just become free.
 */
#include "sidecar/places.h"

#include "base/limits.h"

static bool has_room(const struct places *places)
{
	return !places->max || places->taken < places->max;
}

enum places_verdict places_enter(struct places *places)
{
	if (has_room(places) && !places->waiting) {
		places->taken++;
		return PLACES_GO;
	}
	if (places->waiting >= CONNECTION_QUEUE_MAX)
		return PLACES_FULL;
	places->waiting++;
	return PLACES_WAIT;
}

bool places_next(struct places *places)
{
	if (!places->waiting || !has_room(places))
		return false;
	places->waiting--;
	places->taken++;
	return true;
}

void places_left(struct places *places)
{
	places->taken--;
}

void places_gave_up(struct places *places)
{
	places->waiting--;
}
