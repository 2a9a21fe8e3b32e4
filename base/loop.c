// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * libev behind base/loop.h. What it adds: a monotonic clock that is read once per iteration (libev
 * shows only wall-clock time), timers that count from the moment they are started even when the
 * iteration has been long, and watchers that may be stopped before they were ever started.
 */
#include "base/loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

struct loop {
	struct ev_loop *ev;
	ev_check clock; // runs first after each wait
	uint64_t now;
};

static uint64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void on_clock(struct ev_loop *ev, ev_check *clock, int events)
{
	container_of(clock, struct loop, clock)->now = monotonic_ms();
}

struct loop *loop_new(struct err *err)
{
	struct ev_loop *ev = ev_loop_new(EVFLAG_NOENV);
	struct loop *loop;

	if (!ev) {
		err_set(err, ERR_SYSTEM, "making an event loop: the kernel refused epoll and poll");
		return NULL;
	}
	loop = xcalloc(1, sizeof(*loop));
	loop->ev = ev;
	loop->now = monotonic_ms();
	ev_check_init(&loop->clock, on_clock);
	ev_set_priority(&loop->clock, EV_MAXPRI);
	ev_check_start(ev, &loop->clock);
	ev_unref(ev); // alone it is no reason to keep running
	return loop;
}

void loop_free(struct loop **loop)
{
	struct loop *done = take_ptr(loop);

	if (!done)
		return;
	ev_ref(done->ev);
	ev_check_stop(done->ev, &done->clock);
	ev_loop_destroy(done->ev);
	free(done);
}

void loop_run(struct loop *loop)
{
	loop_refresh_now(loop);
	ev_run(loop->ev, 0);
}

void loop_stop(struct loop *loop)
{
	ev_break(loop->ev, EVBREAK_ALL);
}

uint64_t loop_now(const struct loop *loop)
{
	return loop->now;
}

void loop_refresh_now(struct loop *loop)
{
	ev_now_update(loop->ev);
	loop->now = monotonic_ms();
}

static void on_io(struct ev_loop *ev, ev_io *watcher, int events)
{
	struct loop_io *io = container_of(watcher, struct loop_io, ev);

	io->fn(io, events & (LOOP_READ | LOOP_WRITE));
}

void loop_io_init(struct loop_io *io, struct loop *loop, int fd, loop_io_fn *fn)
{
	ev_io_init(&io->ev, on_io, fd, 0);
	io->loop = loop;
	io->fn = fn;
}

void loop_io_want(struct loop_io *io, int events)
{
	int wanted = ev_is_active(&io->ev) ? io->ev.events & (LOOP_READ | LOOP_WRITE) : 0;

	if (wanted == events)
		return;
	loop_io_stop(io);
	if (!events)
		return;
	ev_io_modify(&io->ev, events);
	ev_io_start(io->loop->ev, &io->ev);
}

void loop_io_stop(struct loop_io *io)
{
	if (io->loop)
		ev_io_stop(io->loop->ev, &io->ev);
}

static void on_timer(struct ev_loop *ev, ev_timer *watcher, int events)
{
	struct loop_timer *timer = container_of(watcher, struct loop_timer, ev);

	timer->fn(timer);
}

void loop_timer_init(struct loop_timer *timer, struct loop *loop, loop_timer_fn *fn)
{
	ev_init(&timer->ev, on_timer);
	timer->loop = loop;
	timer->fn = fn;
}

void loop_timer_start(struct loop_timer *timer, uint64_t after_ms)
{
	loop_timer_stop(timer);
	ev_now_update(timer->loop->ev);
	ev_timer_set(&timer->ev, (double)after_ms / 1000.0, 0.0);
	ev_timer_start(timer->loop->ev, &timer->ev);
}

void loop_timer_stop(struct loop_timer *timer)
{
	if (timer->loop)
		ev_timer_stop(timer->loop->ev, &timer->ev);
}

bool loop_timer_active(const struct loop_timer *timer)
{
	return ev_is_active(&timer->ev);
}

static void on_prepare(struct ev_loop *ev, ev_prepare *watcher, int events)
{
	struct loop_prepare *prepare = container_of(watcher, struct loop_prepare, ev);

	prepare->fn(prepare);
}

void loop_prepare_start(struct loop_prepare *prepare, struct loop *loop, loop_prepare_fn *fn)
{
	ev_prepare_init(&prepare->ev, on_prepare);
	prepare->loop = loop;
	prepare->fn = fn;
	ev_prepare_start(loop->ev, &prepare->ev);
	ev_unref(loop->ev);
}

void loop_prepare_stop(struct loop_prepare *prepare)
{
	if (!prepare->loop || !ev_is_active(&prepare->ev))
		return;
	ev_ref(prepare->loop->ev);
	ev_prepare_stop(prepare->loop->ev, &prepare->ev);
}

static void on_signal(struct ev_loop *ev, ev_signal *watcher, int events)
{
	struct loop_signal *signal = container_of(watcher, struct loop_signal, ev);

	signal->fn(signal, watcher->signum);
}

void loop_signal_start(struct loop_signal *signal, struct loop *loop, int number,
		       loop_signal_fn *fn)
{
	ev_signal_init(&signal->ev, on_signal, number);
	signal->loop = loop;
	signal->fn = fn;
	ev_signal_start(loop->ev, &signal->ev);
}

void loop_signal_stop(struct loop_signal *signal)
{
	if (signal->loop)
		ev_signal_stop(signal->loop->ev, &signal->ev);
}

/*
 * By a pidfd and not by SIGCHLD: libev's own way reaps every child of the process, also those that
 * somebody else waits for, and works in one loop only.
 */
static void on_child(struct ev_loop *ev, ev_io *watcher, int events)
{
	struct loop_child *child = container_of(watcher, struct loop_child, ev);
	int status;
	pid_t pid = waitpid(child->pid, &status, WNOHANG);

	if (pid == 0 || (pid < 0 && errno == EINTR))
		return;
	loop_child_stop(child);
	child->fn(child,
		  pid > 0 ? status : SIGKILL); // one that somebody else reaped has not succeeded
}

bool loop_child_start(struct loop_child *child, struct loop *loop, int pid, loop_child_fn *fn,
		      struct err *err)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0)
		return err_sys(err, errno, "cannot watch process %d", pid);
	child->loop = loop;
	child->fn = fn;
	child->pid = pid;
	child->fd = fd;
	ev_io_init(&child->ev, on_child, fd, EV_READ);
	ev_io_start(loop->ev, &child->ev);
	return true;
}

void loop_child_stop(struct loop_child *child)
{
	if (!child->loop)
		return;
	ev_io_stop(child->loop->ev, &child->ev);
	fd_close(&child->fd);
	child->loop = NULL;
}
