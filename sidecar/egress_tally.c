// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Counts, and keeps the log readable: a program that is refused tries again and again, and the
 * explanation is needed once. A target is remembered as a hash; two that collide cost one line.
 */
#include "sidecar/egress_tally.h"

static uint32_t hash(const struct egress_target *target)
{
	uint32_t value = 2166136261u ^ target->port; // FNV-1a
	for (const char *c = target->name; *c; c++)
		value = (value ^ (uint8_t)*c) * 16777619u;
	return value;
}

bool egress_tally_first_refusal(struct egress_tally *tally, const struct egress_target *target)
{
	uint32_t wanted = hash(target);
	for (size_t i = 0; i < tally->n_said; i++)
		if (tally->said[i] == wanted)
			return false;
	if (tally->n_said == EGRESS_REFUSALS_SAID_MAX)
		return false;
	tally->said[tally->n_said++] = wanted;
	return true;
}
