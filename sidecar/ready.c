// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The workload makes its socket file itself, at any moment and maybe more than once, in a folder
 * that it can write to; the only thing that tells is a connection that is accepted. A connect() to
 * a socket that is not there costs microseconds, so looking often at first costs less than a late
 * start.
 */
#include "sidecar/ready.h"

#include "base/fd.h"
#include "base/mem.h"
#include "sidecar/ingress.h"

enum { FAST_MS = 2, SLOW_MS = 20, FAST_FOR_MS = 2000 };

uint64_t ready_interval(uint64_t looked_ms)
{
	return looked_ms < FAST_FOR_MS ? FAST_MS : SLOW_MS;
}

static void done(struct ready *ready, bool by_bridge)
{
	ready_stop(ready);
	ready->ops->ready(ready->owner, ready->token, by_bridge);
}

static void look(struct loop_timer *timer)
{
	struct ready *ready = container_of(timer, struct ready, timer);
	auto_fd int fd = ingress_connect();

	if (fd >= 0)
		done(ready, false);
	else
		loop_timer_start(timer, ready_interval(loop_now(ready->loop) - ready->since));
}

void ready_init(struct ready *ready, struct loop *loop, const struct ready_owner *ops, void *owner)
{
	*ready = (struct ready){.loop = loop, .ops = ops, .owner = owner};
	loop_timer_init(&ready->timer, loop, look);
}

void ready_watch(struct ready *ready, uint32_t token)
{
	ready->token = token;
	ready->since = loop_now(ready->loop);
	ready->watching = true;
	loop_timer_start(&ready->timer, 0);
}

void ready_by_bridge(struct ready *ready)
{
	if (ready->watching)
		done(ready, true);
}

void ready_stop(struct ready *ready)
{
	ready->watching = false;
	loop_timer_stop(&ready->timer);
}
