// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The bridge: POST /rpc on a socket in the view. Its answers are made here, as the back of an
 * exchange: one line after the other, so that an answer's memory is bounded and wiped when it has
 * been sent.
 */
#include "base/err.h"
#include "sidecar/keeper.h"
#include "sidecar/listener.h"

struct bridge;

struct bridge_owner {
	void (*ready)(void *owner); // the workload said workload_ready
};

/* Takes *fd, also on failure. */
struct bridge *bridge_new(struct turn *turn, struct keeper *keeper, int *fd,
			  const struct bridge_owner *ops, void *owner, struct err *err);

struct listener *bridge_listener(struct bridge *bridge);
