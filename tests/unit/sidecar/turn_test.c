// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "sidecar/ready.h"
#include "sidecar/turn.h"

static struct turn turn;
static struct turn_item first, second, grave;
static struct deadline soon, later;
static int first_runs, second_runs, buried, fired;

static void run_second(struct turn_item *item)
{
	second_runs++;
}

static void run_first(struct turn_item *item)
{
	if (++first_runs == 1)
		turn_queue(&turn, &second); // runs in the same turn
}

static void free_grave(struct turn_item *item)
{
	assert_int_equal(second_runs, 1); // after everything that was queued
	buried++;
}

/* One may clear another that is due in the same look. */
static void on_due(struct deadline *deadline)
{
	assert_false(deadline->set);
	fired++;
	deadline_clear(deadline == &soon ? &later : &soon);
	loop_stop(turn.loop);
}

static void queue_then_bury_then_deadlines(void **state)
{
	struct err err;
	struct loop *loop = loop_new(&err);

	(void)state;
	turn_start(&turn, loop);
	first.fn = run_first;
	second.fn = run_second;
	turn_queue(&turn, &first);
	turn_queue(&turn, &first); // once
	grave.fn = run_first;
	turn_queue(&turn, &grave);
	turn_bury(&turn, &grave, free_grave); // leaves the queue
	turn_bury(&turn, &grave, free_grave);
	soon.fn = on_due;
	later.fn = on_due;
	deadline_set(&turn, &later, 30);
	deadline_set(&turn, &soon, 500);
	deadline_set(&turn, &soon, 30); // moved
	loop_run(loop);
	assert_int_equal(first_runs, 1);
	assert_int_equal(second_runs, 1);
	assert_int_equal(buried, 1);
	assert_int_equal(fired, 1);
	turn_stop(&turn);
	loop_free(&loop);
}

static struct waiters list;
static int woken;

static void on_woken(struct waiter *waiter)
{
	woken++;
	waiter_join(&list, waiter); // for the next time, not for this one
}

static void waiters_are_woken_once(void **state)
{
	struct waiter one = {.fn = on_woken}, two = {.fn = on_woken}, gone = {.fn = on_woken};

	(void)state;
	waiters_init(&list);
	waiter_join(&list, &one);
	waiter_join(&list, &two);
	waiter_join(&list, &gone);
	waiter_leave(&gone);
	waiter_leave(&gone);
	waiters_wake(&list);
	assert_int_equal(woken, 2);
	waiters_wake(&list);
	assert_int_equal(woken, 4);
}

static void looking_for_the_workload_slows_down(void **state)
{
	(void)state;
	assert_int_equal(ready_interval(0), 2);
	assert_int_equal(ready_interval(1999), 2);
	assert_int_equal(ready_interval(2000), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue_then_bury_then_deadlines),
		cmocka_unit_test(waiters_are_woken_once),
		cmocka_unit_test(looking_for_the_workload_slows_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
