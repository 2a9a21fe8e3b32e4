// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What one phase did with its network, in numbers; and which refusals the log has said. Pure. */
#include "base/limits.h"
#include "sidecar/egress_policy.h"

struct egress_tally {
	uint64_t connections; // that asked for a host
	uint64_t refused;     // of these, by a rule
	uint64_t failed;      // of these, because the host could not be reached
	uint64_t bytes_up;    // to hosts
	uint64_t bytes_down;
	uint32_t said[EGRESS_REFUSALS_SAID_MAX]; // hashes of targets
	size_t n_said;
};

/* False for a target that was refused before, and when too many were: hostile code can ask for
 * ever new ones. */
bool egress_tally_first_refusal(struct egress_tally *tally, const struct egress_target *target);
