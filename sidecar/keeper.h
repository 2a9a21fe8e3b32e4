// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * This process's own channel to the keeper: signing requests and secrets go there directly. Answers
 * come in any order; each question is asked once and answered at most once.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "base/loop.h"
#include "capakit/keeper/v1/keeper.pb-c.h"

struct keeper;
struct keeper_ask;

/* NULL: the keeper is gone. The reply's bytes are wiped after the call: copy nothing needlessly. */
typedef void keeper_reply_fn(struct keeper_ask *ask, const Capakit__Keeper__V1__Reply *reply);

struct keeper_ask { // embedded in whoever asks, zeroed at first
	LIST_ENTRY(keeper_ask) next;
	struct keeper *keeper;
	uint64_t id;
	keeper_reply_fn *fn;
	bool asked;
};

/* Takes the descriptor. */
struct keeper *keeper_new(struct loop *loop, int fd);
void keeper_free(struct keeper **keeper);

must_check bool keeper_sign(struct keeper *keeper, struct keeper_ask *ask, const uint8_t *request,
			    size_t len, struct err *err);
must_check bool keeper_resolve(struct keeper *keeper, struct keeper_ask *ask, const char *name,
			       struct err *err);

void keeper_ask_cancel(struct keeper_ask *ask); // fn will not be called; may be called twice
