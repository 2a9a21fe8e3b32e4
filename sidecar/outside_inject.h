// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A header with secrets in it, that is put into requests to a host outside. The secrets come from
 * the keeper, over this process's own channel, and are kept in locked memory for a short while.
 */
#include "secrets/locked.h"
#include "sidecar/keeper.h"
#include "sidecar/turn.h"

enum outside_inject_state {
	INJECT_READY,
	INJECT_WAITS, // `waiters` are woken when it is ready or has failed
	INJECT_FAILED,
};

struct outside_inject { // embedded in its owner
	struct turn *turn;
	struct keeper *keeper;
	char *header; // lower case
	char *value;  // with ${name} where a secret stands
	struct waiters waiters;
	struct locked text; // of the newest
	uint64_t made_at;   // loop_now; 0: there is none
	/* While it is being made */
	struct locked next;
	const char *rest; // of `value`, behind what is made
	struct keeper_ask ask;
	bool failed;
	uint64_t failed_at;
	char failure[160]; // why, with failed; without any secret
};

/* Copies the texts; `header` in any case. */
void outside_inject_init(struct outside_inject *inject, struct turn *turn, struct keeper *keeper,
			 const char *header, const char *value);

/* Ready for as long as this turn lasts; asks the keeper when what there is has become old. */
enum outside_inject_state outside_inject_get(struct outside_inject *inject);
