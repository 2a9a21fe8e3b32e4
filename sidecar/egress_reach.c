// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The one way out, for whatever is sent: so the one place where an address is judged before it is
 * dialled. What was judged is what is dialled, and there is no second look-up.
 */
#include "sidecar/egress_reach.h"

#include <errno.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "sidecar/egress_policy.h"

static void fail(struct egress_reach *reach, unsigned status, const char *failure)
{
	const struct egress_reached reached = {.fd = -1, .status = status, .failure = failure};
	reach->on_reached(reach->owner, &reached);
}

static void on_dialled(void *owner, int fd, int errnum)
{
	struct egress_reach *reach = owner;
	const struct egress_reached reached = {.fd = fd};
	if (fd >= 0)
		reach->on_reached(reach->owner, &reached);
	else if (errnum == ETIMEDOUT)
		fail(reach, 504, "the host does not answer");
	else
		fail(reach, 502, "the host cannot be reached");
}

static void on_upstream(void *owner, const struct egress_upstream_result *result)
{
	struct egress_reach *reach = owner;
	const struct egress_reached reached = {
		.fd = result->fd,
		.early = result->early,
		.early_len = result->early_len,
		.status = result->status,
		.failure = result->failure,
	};
	reach->on_reached(reach->owner, &reached);
}

static void dial_upstream(struct egress_reach *reach)
{
	egress_upstream_dial_start(&reach->upstream_dial, reach->loop, reach->resolver,
				   reach->goal.by, reach->goal.tunnel ? reach->goal.target : NULL,
				   on_upstream, reach);
}

/* Keeps those that may be dialled; the reason for the last that may not, or NULL. */
static const char *judge(bool exempt, const struct in6_addr *from, size_t count,
			 struct in6_addr *to, size_t *kept)
{
	const char *refusal = NULL;
	*kept = 0;
	for (size_t i = 0; i < count; i++) {
		const char *why = egress_address_refusal(&from[i], exempt);
		if (!why && !exempt && egress_address_is_own(&from[i]))
			why = "this machine itself";
		if (why)
			refusal = why;
		else
			to[(*kept)++] = from[i];
	}
	return refusal;
}

/* With a proxy of the host in between, a name that nobody here knows may be known there. */
static void on_found(void *owner, const struct in6_addr *addresses, size_t n_addresses,
		     const char *failure)
{
	struct egress_reach *reach = owner;
	struct in6_addr judged[EGRESS_ADDRESSES_MAX];
	size_t kept;
	reach->lookup = NULL;
	loop_timer_stop(&reach->timer);
	const char *refusal = judge(reach->goal.exempt, addresses, n_addresses, judged, &kept);
	if (kept == 0 && refusal) {
		const struct egress_reached reached = {.fd = -1, .address_refusal = refusal};
		reach->on_reached(reach->owner, &reached);
	} else if (reach->goal.by) {
		dial_upstream(reach);
	} else if (kept > 0) {
		egress_dial_start(&reach->dial, reach->loop, judged, kept, reach->goal.target->port,
				  on_dialled, reach);
	} else {
		log_warn("%s: %s", reach->goal.target->name, failure);
		fail(reach, 502, "the name of the host cannot be resolved");
	}
}

/* The resolver takes its time, and the host's proxy may know the name. */
static void on_timer(struct loop_timer *timer)
{
	struct egress_reach *reach = container_of(timer, struct egress_reach, timer);
	egress_lookup_cancel(&reach->lookup);
	dial_upstream(reach);
}

void egress_reach_start(struct egress_reach *reach, struct loop *loop,
			struct egress_resolver *resolver, const struct egress_goal *goal,
			egress_reached_fn *on_reached, void *owner)
{
	*reach = (struct egress_reach){.loop = loop,
				       .resolver = resolver,
				       .goal = *goal,
				       .on_reached = on_reached,
				       .owner = owner};
	loop_timer_init(&reach->timer, loop, on_timer);
	if (goal->address) {
		on_found(reach, goal->address, 1, NULL);
	} else if (goal->target->literal) {
		on_found(reach, &goal->target->address, 1, NULL);
	} else {
		if (goal->by)
			loop_timer_start(&reach->timer, EGRESS_UPSTREAM_LOOKUP_MS);
		reach->lookup = egress_lookup_new(resolver, goal->target->name, on_found, reach);
	}
}

void egress_reach_stop(struct egress_reach *reach)
{
	if (!reach->on_reached)
		return;
	loop_timer_stop(&reach->timer);
	egress_lookup_cancel(&reach->lookup);
	egress_dial_stop(&reach->dial);
	egress_upstream_dial_stop(&reach->upstream_dial);
}
