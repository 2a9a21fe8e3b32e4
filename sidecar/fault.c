// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * "In the middle" of a response is when half of its first bytes have gone to whoever asked: what
 * comes after is held back, so that not even a short response is whole before the fault.
 */
#include "sidecar/fault.h"

#include "base/limits.h"
#include "base/mem.h"
#include "sidecar/exchange.h"
#include "sidecar/links.h"
#include "sidecar/pool.h"

#define KIND(name) CAPAKIT__SIDECAR__V1__FAULT__KIND__##name

struct fault_hold {
	struct exchange *x;
	struct link_slot *slot;
	struct fault fault;
	enum { HOLD_NOT_YET, HOLD_HOLDS, HOLD_OVER } state;
	size_t passed;	  // how many bytes go to whoever asked before the fault
	struct buf bytes; // that came behind them, at most a window's
	struct deadline over;
};

/* The callee's sidecar dies once, under the call that comes first. */
static void kill_callee(struct link_slot *slot)
{
	slot->fault.kind = KIND(NONE);
	slot->links->ops->fault_reached(slot->links->owner, slot->name);
}

static void fail(struct link_slot *slot, const struct fault *fault, struct exchange *x)
{
	switch (fault->kind) {
	case KIND(DOWN):
		x->repeatable = true;
		exchange_fail(x, 503, "its sidecar cannot be reached (the link is down)");
		break;
	case KIND(ERROR):
		exchange_fail(x, fault->status, "an error that the test asks for");
		break;
	case KIND(SIDECAR_KILLED):
		kill_callee(slot);
		exchange_fail(x, 502, "its response was broken off (its sidecar is gone)");
		break;
	default: // RESET
		exchange_break(x);
		break;
	}
}

/* What was held back goes on its way. */
static void release(struct fault_hold *hold)
{
	struct exchange *x = hold->x;
	struct buf *bytes = &x->response.bytes;

	hold->state = HOLD_OVER;
	if (bytes->max < buf_len(bytes) + buf_len(&hold->bytes))
		bytes->max = buf_len(bytes) + buf_len(&hold->bytes);
	buf_append(bytes, buf_bytes(&hold->bytes), buf_len(&hold->bytes));
	buf_free(&hold->bytes);
	x->response.ended = x->held_end;
	x->held_end = false;
	exchange_response_grew(x);
}

static void on_over(struct deadline *deadline)
{
	struct fault_hold *hold = container_of(deadline, struct fault_hold, over);
	/* A killed sidecar has died under the first response; the others go on. */
	bool happened = hold->fault.kind == KIND(SIDECAR_KILLED) &&
			hold->slot->fault.kind != KIND(SIDECAR_KILLED);

	if (hold->fault.kind == KIND(LATENCY) || happened)
		release(hold);
	else
		fail(hold->slot, &hold->fault, hold->x);
}

static void watch_response(struct link_slot *slot, struct exchange *x)
{
	struct fault_hold *hold;

	if (x->fault) // of an earlier try
		return;
	hold = x->fault = xcalloc(1, sizeof(*hold));
	hold->x = x;
	hold->slot = slot;
	hold->fault = slot->fault;
	hold->over.fn = on_over;
	pool_buf_init(&hold->bytes, 2 * STREAM_WINDOW_WIDE);
}

bool fault_at_start(struct link_slot *slot, struct exchange *x, const struct http_head *head)
{
	const struct fault fault = slot->fault;

	if (fault.kind == KIND(NONE))
		return false;
	if (fault.mid_stream) {
		watch_response(slot, x);
		return false;
	}
	if (fault.kind != KIND(LATENCY)) {
		fail(slot, &fault, x);
		return true;
	}
	if (x->delayed)
		return false;
	x->delayed = true;
	exchange_wait(x, head, NULL, fault.latency_ms, exchange_ask_again);
	return true;
}

/* Takes what is behind the bytes that pass, some of which may still wait to be sent, and the end.
 */
static void hold_back(struct fault_hold *hold)
{
	struct exchange *x = hold->x;
	struct buf *bytes = &x->response.bytes;
	size_t keep = hold->passed - x->response.taken;

	buf_append(&hold->bytes, buf_bytes(bytes) + keep, buf_len(bytes) - keep);
	buf_truncate(bytes, keep);
	x->held_end = x->held_end || x->response.ended;
	x->response.ended = false;
}

bool fault_in_response(struct exchange *x)
{
	struct fault_hold *hold = x->fault;
	size_t len = buf_len(&x->response.bytes);

	if (!hold || hold->state == HOLD_OVER || x->own_failure)
		return false;
	if (hold->state == HOLD_HOLDS) {
		hold_back(hold);
		return true;
	}
	if (!len) // a response without a body has no middle
		return false;
	hold->state = HOLD_HOLDS;
	hold->passed = x->response.taken + len / 2;
	hold_back(hold);
	x->front->response_grew(x);
	deadline_set(x->turn, &hold->over,
		     hold->fault.kind == KIND(LATENCY) ? hold->fault.latency_ms : FAULT_STRIKE_MS);
	return true;
}

void fault_forget(struct exchange *x)
{
	struct fault_hold *hold = take_ptr(&x->fault);

	x->held_end = false;
	if (!hold)
		return;
	deadline_clear(&hold->over);
	buf_free(&hold->bytes);
	free(hold);
}
