// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A request that has no back for now: it waits for a place, for a link, or for the time to be asked
 * again, and its service is then given the head that was kept.
 */
#include "base/mem.h"
#include "sidecar/exchange_parts.h"
#include "sidecar/service.h"

void exchange_ask_again(struct exchange *x)
{
	static struct http_head head; // good during the call of the service

	x->on_wait_over = NULL;
	waiter_leave(&x->waiter);
	deadline_clear(&x->wait_over);
	http_kept_restore(x->kept, &head);
	struct http_service *service = x->behind ? x->behind : x->service;
	service->request(service, x, &head);
}

static void on_woken(struct waiter *waiter)
{
	exchange_ask_again(container_of(waiter, struct exchange, waiter));
}

static void on_wait_over(struct deadline *deadline)
{
	struct exchange *x = container_of(deadline, struct exchange, wait_over);

	x->on_wait_over(x);
}

void exchange_stop_waiting(struct exchange *x)
{
	x->on_wait_over = NULL;
	waiter_leave(&x->waiter);
	deadline_clear(&x->wait_over);
	deadline_clear(&x->quiet);
}

void exchange_keep(struct exchange *x, const struct http_head *head)
{
	if (!x->kept)
		x->kept = http_kept_new(head);
}

void exchange_wait(struct exchange *x, const struct http_head *head, struct waiters *all,
		   uint32_t ms, exchange_fn *over)
{
	if (head)
		exchange_keep(x, head);
	deadline_clear(&x->quiet);
	exchange_holds(x);
	x->on_wait_over = over;
	if (all)
		waiter_join(all, &x->waiter);
	deadline_set(x->turn, &x->wait_over, ms);
}

void exchange_wait_init(struct exchange *x)
{
	x->waiter.fn = on_woken;
	x->wait_over.fn = on_wait_over;
}
