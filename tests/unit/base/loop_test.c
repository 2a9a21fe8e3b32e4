// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/loop.h"
#include "base/mem.h"

struct fixture {
	struct loop *loop;
	struct loop_io io;
	struct loop_timer timer;
	struct loop_timer other;
	struct loop_prepare prepare;
	struct loop_signal signal;
	struct loop_child child;
	int pair[2];
	int calls;
	int seen;
};

static void set_up(struct fixture *fixture)
{
	struct err err;

	memset(fixture, 0, sizeof(*fixture));
	fixture->loop = loop_new(&err);
	assert_non_null(fixture->loop);
	assert_true(fd_socket_pair(SOCK_STREAM, fixture->pair, &err));
}

static void tear_down(struct fixture *fixture)
{
	loop_io_stop(&fixture->io);
	loop_timer_stop(&fixture->timer);
	loop_timer_stop(&fixture->other);
	loop_prepare_stop(&fixture->prepare);
	loop_signal_stop(&fixture->signal);
	loop_child_stop(&fixture->child);
	fd_close(&fixture->pair[0]);
	fd_close(&fixture->pair[1]);
	loop_free(&fixture->loop);
	assert_null(fixture->loop);
	loop_free(&fixture->loop);
}

static void on_io(struct loop_io *io, int events)
{
	struct fixture *fixture = container_of(io, struct fixture, io);
	char byte;

	fixture->calls++;
	fixture->seen |= events;
	if (events & LOOP_WRITE) {
		loop_io_want(io, LOOP_READ);
		assert_int_equal(write(fixture->pair[1], "x", 1), 1);
	}
	if (events & LOOP_READ) {
		assert_int_equal(read(fixture->pair[0], &byte, 1), 1);
		loop_io_want(io, 0);
	}
}

/* The loop returns by itself once nothing is left to wait for. */
static void test_io_events_can_be_changed(void **state)
{
	struct fixture fixture;

	set_up(&fixture);
	loop_io_init(&fixture.io, fixture.loop, fixture.pair[0], on_io);
	loop_io_want(&fixture.io, LOOP_WRITE);
	loop_io_want(&fixture.io, LOOP_WRITE);
	loop_run(fixture.loop);
	assert_int_equal(fixture.calls, 2);
	assert_int_equal(fixture.seen, LOOP_READ | LOOP_WRITE);
	tear_down(&fixture);
}

static void on_timer(struct loop_timer *timer)
{
	container_of(timer, struct fixture, timer)->calls++;
}

static void on_other(struct loop_timer *timer)
{
	struct fixture *fixture = container_of(timer, struct fixture, other);

	fixture->seen = fixture->calls;
	loop_stop(fixture->loop);
}

static void test_timers(void **state)
{
	struct fixture fixture;
	uint64_t before;

	set_up(&fixture);
	before = loop_now(fixture.loop);
	loop_timer_init(&fixture.timer, fixture.loop, on_timer);
	loop_timer_init(&fixture.other, fixture.loop, on_other);
	assert_false(loop_timer_active(&fixture.timer));
	loop_timer_start(&fixture.timer, 1);
	loop_timer_start(&fixture.timer, 60000); // moved
	assert_true(loop_timer_active(&fixture.timer));
	loop_timer_start(&fixture.other, 30);
	loop_run(fixture.loop);
	assert_int_equal(fixture.seen, 0);
	assert_true(loop_now(fixture.loop) >= before + 29);
	loop_timer_start(&fixture.timer, 0);
	loop_run(fixture.loop);
	assert_int_equal(fixture.calls, 1);
	assert_false(loop_timer_active(&fixture.timer));
	tear_down(&fixture);
}

/* A timer counts from its start, however long the loop has not looked at the clock. */
static void test_a_late_timer_is_not_early(void **state)
{
	struct fixture fixture;
	uint64_t before;

	set_up(&fixture);
	usleep(50000);
	loop_refresh_now(fixture.loop);
	before = loop_now(fixture.loop);
	loop_timer_init(&fixture.timer, fixture.loop, on_timer);
	loop_timer_start(&fixture.timer, 40);
	loop_run(fixture.loop);
	loop_refresh_now(fixture.loop);
	assert_true(loop_now(fixture.loop) >= before + 39);
	tear_down(&fixture);
}

static void on_prepare(struct loop_prepare *prepare)
{
	container_of(prepare, struct fixture, prepare)->seen++;
}

static void test_prepare_runs_before_each_wait(void **state)
{
	struct fixture fixture;

	set_up(&fixture);
	loop_prepare_start(&fixture.prepare, fixture.loop, on_prepare);
	loop_timer_init(&fixture.timer, fixture.loop, on_timer);
	loop_timer_start(&fixture.timer, 5);
	loop_run(fixture.loop);
	assert_int_equal(fixture.calls, 1);
	assert_true(fixture.seen >= 1);
	tear_down(&fixture);
}

static void on_signal(struct loop_signal *signal, int number)
{
	struct fixture *fixture = container_of(signal, struct fixture, signal);

	fixture->seen = number;
	loop_stop(fixture->loop);
}

static void test_signals(void **state)
{
	struct fixture fixture;

	set_up(&fixture);
	loop_signal_start(&fixture.signal, fixture.loop, SIGUSR1, on_signal);
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	loop_run(fixture.loop);
	assert_int_equal(fixture.seen, SIGUSR1);
	tear_down(&fixture);
}

static void on_child(struct loop_child *child, int wait_status)
{
	struct fixture *fixture = container_of(child, struct fixture, child);

	fixture->calls++;
	fixture->seen = wait_status;
	loop_stop(fixture->loop);
}

static void watch_child(struct fixture *fixture)
{
	struct err err;
	pid_t pid;

	fixture->calls = 0;
	pid = fork();
	if (pid == 0)
		_exit(7);
	assert_true(loop_child_start(&fixture->child, fixture->loop, pid, on_child, &err));
	loop_run(fixture->loop);
	assert_int_equal(fixture->calls, 1);
	assert_true(WIFEXITED(fixture->seen));
	assert_int_equal(WEXITSTATUS(fixture->seen), 7);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
}

static void test_children_are_reaped(void **state)
{
	struct fixture fixture, other;

	set_up(&fixture);
	set_up(&other); // each loop has its own children
	watch_child(&fixture);
	watch_child(&other);
	watch_child(&fixture);
	tear_down(&other);
	tear_down(&fixture);
}

static void test_only_the_child_that_is_watched_is_reaped(void **state)
{
	struct fixture fixture;
	pid_t other = fork();

	if (other == 0)
		_exit(8);
	set_up(&fixture);
	watch_child(&fixture);
	assert_int_equal(waitpid(other, &fixture.seen, 0), other);
	assert_int_equal(WEXITSTATUS(fixture.seen), 8);
	tear_down(&fixture);
}

static void test_a_process_that_is_not_there(void **state)
{
	struct fixture fixture;
	struct err err = {0};

	set_up(&fixture);
	assert_false(loop_child_start(&fixture.child, fixture.loop, -1, on_child, &err));
	assert_int_equal(err.code, ERR_SYSTEM);
	tear_down(&fixture);
}

struct owned {
	struct loop_timer timer;
	struct loop *loop;
};

static void on_owned(struct loop_timer *timer)
{
	struct owned *owned = container_of(timer, struct owned, timer);

	loop_stop(owned->loop);
	free(owned);
}

static void test_a_callback_may_free_its_watcher(void **state)
{
	struct owned *owned = xcalloc(1, sizeof(*owned));
	struct fixture fixture;

	set_up(&fixture);
	owned->loop = fixture.loop;
	loop_timer_init(&owned->timer, fixture.loop, on_owned);
	loop_timer_start(&owned->timer, 1);
	loop_run(fixture.loop);
	tear_down(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_io_events_can_be_changed),
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_a_late_timer_is_not_early),
		cmocka_unit_test(test_prepare_runs_before_each_wait),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_children_are_reaped),
		cmocka_unit_test(test_only_the_child_that_is_watched_is_reaped),
		cmocka_unit_test(test_a_process_that_is_not_there),
		cmocka_unit_test(test_a_callback_may_free_its_watcher),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
