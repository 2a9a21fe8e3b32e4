// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One prepare watcher for the whole process empties the queue of those that have something to
 * send, then frees the buried. One timer serves all deadlines: they are many, are moved with every
 * request and hardly ever fire, so they are an unsorted list that is looked through when the
 * earliest may be due.
 */
#include "sidecar/turn.h"

#include "base/mem.h"
#include "sidecar/pool.h"

static void free_buried(struct turn *turn)
{
	struct turn_item *item;

	while ((item = TAILQ_FIRST(&turn->buried))) {
		TAILQ_REMOVE(&turn->buried, item, next);
		item->fn(item);
	}
}

static void on_prepare(struct loop_prepare *prepare)
{
	struct turn *turn = container_of(prepare, struct turn, prepare);
	struct turn_item *item;

	if (pool_is_over())
		pool_relieve(loop_now(turn->loop));
	while ((item = TAILQ_FIRST(&turn->queue))) {
		TAILQ_REMOVE(&turn->queue, item, next);
		item->state = TURN_NOT_QUEUED;
		item->fn(item);
	}
	free_buried(turn);
}

static void schedule(struct turn *turn, uint64_t at)
{
	uint64_t now = loop_now(turn->loop);

	turn->next_deadline = at;
	loop_timer_start(&turn->timer, (at > now ? at - now : 0) + DEADLINE_GRAIN_MS);
}

static void on_timer(struct loop_timer *timer)
{
	struct turn *turn = container_of(timer, struct turn, timer);
	uint64_t now = loop_now(turn->loop);
	uint64_t earliest = UINT64_MAX;
	struct deadlines due = LIST_HEAD_INITIALIZER(due);
	struct deadline *deadline = LIST_FIRST(&turn->deadlines);

	while (deadline) {
		struct deadline *next = LIST_NEXT(deadline, next);

		if (deadline->at <= now) {
			LIST_REMOVE(deadline, next);
			LIST_INSERT_HEAD(&due, deadline, next);
		} else if (deadline->at < earliest) {
			earliest = deadline->at;
		}
		deadline = next;
	}
	turn->next_deadline = UINT64_MAX;
	if (earliest != UINT64_MAX)
		schedule(turn, earliest);
	while ((deadline = LIST_FIRST(&due))) {
		deadline_clear(deadline);
		deadline->fn(deadline);
	}
}

void turn_start(struct turn *turn, struct loop *loop)
{
	*turn = (struct turn){.loop = loop, .next_deadline = UINT64_MAX};
	TAILQ_INIT(&turn->queue);
	TAILQ_INIT(&turn->buried);
	LIST_INIT(&turn->deadlines);
	loop_prepare_start(&turn->prepare, loop, on_prepare);
	loop_timer_init(&turn->timer, loop, on_timer);
}

void turn_stop(struct turn *turn)
{
	loop_prepare_stop(&turn->prepare);
	loop_timer_stop(&turn->timer);
	free_buried(turn);
}

void turn_queue(struct turn *turn, struct turn_item *item)
{
	if (item->state != TURN_NOT_QUEUED)
		return;
	item->state = TURN_QUEUED;
	TAILQ_INSERT_TAIL(&turn->queue, item, next);
}

void turn_bury(struct turn *turn, struct turn_item *item, turn_fn *free_fn)
{
	if (item->state == TURN_BURIED)
		return;
	if (item->state == TURN_QUEUED)
		TAILQ_REMOVE(&turn->queue, item, next);
	item->state = TURN_BURIED;
	item->fn = free_fn;
	TAILQ_INSERT_TAIL(&turn->buried, item, next);
}

void deadline_set(struct turn *turn, struct deadline *deadline, uint64_t after_ms)
{
	deadline->at = loop_now(turn->loop) + after_ms;
	if (!deadline->set)
		LIST_INSERT_HEAD(&turn->deadlines, deadline, next);
	deadline->set = true;
	if (deadline->at < turn->next_deadline)
		schedule(turn, deadline->at);
}

void deadline_clear(struct deadline *deadline)
{
	if (deadline->set)
		LIST_REMOVE(deadline, next);
	deadline->set = false;
}

void waiters_init(struct waiters *all)
{
	TAILQ_INIT(all);
}

void waiter_join(struct waiters *all, struct waiter *waiter)
{
	if (waiter->among)
		return;
	waiter->among = all;
	TAILQ_INSERT_TAIL(all, waiter, next);
}

void waiter_leave(struct waiter *waiter)
{
	if (waiter->among)
		TAILQ_REMOVE(waiter->among, waiter, next);
	waiter->among = NULL;
}

void waiters_wake_first(struct waiters *all)
{
	struct waiter *waiter = TAILQ_FIRST(all);

	if (!waiter)
		return;
	waiter_leave(waiter);
	waiter->fn(waiter);
}

void waiters_wake(struct waiters *all)
{
	struct waiters woken = TAILQ_HEAD_INITIALIZER(woken);
	struct waiter *waiter;

	while ((waiter = TAILQ_FIRST(all))) {
		waiter_leave(waiter);
		waiter_join(&woken, waiter);
	}
	while (!TAILQ_EMPTY(&woken))
		waiters_wake_first(&woken);
}
