// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The event loop of a process: libev behind a small interface. One loop a process, no threads.
 * Watchers are embedded in the objects that own them (use container_of) and must be stopped
 * before their memory goes. A callback may stop or free any watcher, its own too.
 */
#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct loop; // libev's loop

enum { LOOP_READ = EV_READ, LOOP_WRITE = EV_WRITE };

struct loop_io;
struct loop_timer;
struct loop_prepare;
struct loop_signal;
struct loop_child;

typedef void loop_io_fn(struct loop_io *io, int events);
typedef void loop_timer_fn(struct loop_timer *timer);
typedef void loop_prepare_fn(struct loop_prepare *prepare);
typedef void loop_signal_fn(struct loop_signal *signal, int number);
typedef void loop_child_fn(struct loop_child *child, int wait_status); // as waitpid(2) gives it

struct loop_io {
	ev_io ev;
	struct loop *loop;
	loop_io_fn *fn;
};
struct loop_timer {
	ev_timer ev;
	struct loop *loop;
	loop_timer_fn *fn;
};
struct loop_prepare { // runs once before each wait for events: the place to flush what was queued
	ev_prepare ev;
	struct loop *loop;
	loop_prepare_fn *fn;
};
struct loop_signal {
	ev_signal ev;
	struct loop *loop;
	loop_signal_fn *fn;
};
struct loop_child {
	ev_io ev; // of a pidfd
	struct loop *loop;
	loop_child_fn *fn;
	int fd;
	int pid;
};

struct loop *loop_new(struct err *err);
void loop_free(struct loop **loop);
void loop_run(struct loop *loop); // until loop_stop
void loop_stop(struct loop *loop);
uint64_t loop_now(const struct loop *loop); // milliseconds, monotonic, cached per iteration
void loop_refresh_now(struct loop *loop);

/* io: `events` is LOOP_READ, LOOP_WRITE, both, or 0 for none; starting twice changes the events. */
void loop_io_init(struct loop_io *io, struct loop *loop, int fd, loop_io_fn *fn);
void loop_io_want(struct loop_io *io, int events);
void loop_io_stop(struct loop_io *io); // may be called twice, and on a zeroed watcher

void loop_timer_init(struct loop_timer *timer, struct loop *loop, loop_timer_fn *fn);
void loop_timer_start(struct loop_timer *timer, uint64_t after_ms); // once; starting again moves it
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_active(const struct loop_timer *timer);

void loop_prepare_start(struct loop_prepare *prepare, struct loop *loop, loop_prepare_fn *fn);
void loop_prepare_stop(struct loop_prepare *prepare);
void loop_signal_start(struct loop_signal *signal, struct loop *loop, int number,
		       loop_signal_fn *fn);
void loop_signal_stop(struct loop_signal *signal);

/*
 * Reaps this child of the process and no other. The callback comes once; after a failure, or when
 * it was stopped before, the child is the caller's to wait for.
 */
must_check bool loop_child_start(struct loop_child *child, struct loop *loop, int pid,
				 loop_child_fn *fn, struct err *err);
void loop_child_stop(struct loop_child *child); // may be called twice, and on a zeroed watcher
