// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The event loop as the data path uses it. Whoever has something to send queues itself, and all
 * is sent once, before the loop waits again: that merges system calls, and it keeps code that
 * moves bytes out of each other's callbacks. Objects that close are buried: their memory goes at
 * the end of the turn, when no caller up the stack can hold them any more. Deadlines cost one store
 * to set; they fire up to DEADLINE_GRAIN_MS late.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/loop.h"

#define DEADLINE_GRAIN_MS 5

struct turn_item;
typedef void turn_fn(struct turn_item *item);

struct turn_item { // embedded in its owner, zeroed at first
	TAILQ_ENTRY(turn_item) next;
	turn_fn *fn;
	enum { TURN_NOT_QUEUED, TURN_QUEUED, TURN_BURIED } state;
};
TAILQ_HEAD(turn_items, turn_item);

struct deadline;
typedef void deadline_fn(struct deadline *deadline);

struct deadline { // embedded in its owner, zeroed at first
	LIST_ENTRY(deadline) next;
	deadline_fn *fn;
	uint64_t at; // loop_now
	bool set;
};
LIST_HEAD(deadlines, deadline);

/* Somebody who waits for something that happens elsewhere; embedded, zeroed at first. */
struct waiter;
typedef void waiter_fn(struct waiter *waiter);
TAILQ_HEAD(waiters, waiter);

struct waiter {
	TAILQ_ENTRY(waiter) next;
	waiter_fn *fn;
	struct waiters *among; // NULL: it does not wait
};

struct turn {
	struct loop *loop;
	struct loop_prepare prepare;
	struct loop_timer timer; // of the earliest deadline
	struct turn_items queue;
	struct turn_items buried;
	struct deadlines deadlines;
	uint64_t next_deadline; // when the timer fires; UINT64_MAX: not set
};

void turn_start(struct turn *turn, struct loop *loop);
void turn_stop(struct turn *turn); // frees what is buried

/* item->fn is called once before the loop waits next. Queuing again meanwhile changes nothing. */
void turn_queue(struct turn *turn, struct turn_item *item);

/* Leaves the queue; `free_fn` is called at the end of the turn. A second burial changes nothing. */
void turn_bury(struct turn *turn, struct turn_item *item, turn_fn *free_fn);

/* deadline->fn is called once, with the deadline cleared. Setting again moves it. */
void deadline_set(struct turn *turn, struct deadline *deadline, uint64_t after_ms);
void deadline_clear(struct deadline *deadline);

void waiters_init(struct waiters *all);
void waiter_join(struct waiters *all, struct waiter *waiter); // behind the others
void waiter_leave(struct waiter *waiter);		      // may be called twice
void waiters_wake_first(struct waiters *all);
void waiters_wake(struct waiters *all); // each once; they may join again
