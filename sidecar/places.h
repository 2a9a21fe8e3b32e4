// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * How many requests a connection has under way (`max_concurrent`), and how many wait for a place:
 * at most CONNECTION_QUEUE_MAX. Pure: it counts, and its owner keeps those that wait in order.
 */
#include <stdbool.h>

struct places {
	unsigned max; // 0: no bound, and nobody ever waits
	unsigned taken;
	unsigned waiting;
};

enum places_verdict {
	PLACES_GO,   // it has a place: places_left when it is done
	PLACES_WAIT, // places_next says when, or places_gave_up
	PLACES_FULL,
};

enum places_verdict places_enter(struct places *places);

/* True: the first of those that wait has a place now. */
bool places_next(struct places *places);

void places_left(struct places *places);    // one that had a place is done
void places_gave_up(struct places *places); // one that waited does so no more
