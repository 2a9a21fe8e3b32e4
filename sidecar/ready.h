// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Finds out when the workload serves: its socket accepts, or it says so on the bridge.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sidecar/turn.h"

struct ready_owner {
	void (*ready)(void *owner, uint32_t token, bool by_bridge); // once per ready_watch
};

struct ready { // embedded in its owner
	struct loop_timer timer;
	struct loop *loop;
	uint64_t since;
	uint32_t token;
	bool watching;
	const struct ready_owner *ops;
	void *owner;
};

void ready_init(struct ready *ready, struct loop *loop, const struct ready_owner *ops, void *owner);

/* A start of the workload: looks until it accepts. A watch that still runs is replaced. */
void ready_watch(struct ready *ready, uint32_t token);

void ready_by_bridge(struct ready *ready); // it says so itself
void ready_stop(struct ready *ready);

/* How long to wait before the next look, when it has been looked for so long. Pure. */
uint64_t ready_interval(uint64_t looked_ms);
