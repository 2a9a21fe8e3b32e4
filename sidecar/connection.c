// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The way of a request out: a place (max_concurrent), the circuit, a link; and when it fails before
 * a response began, perhaps the same again. All waiting is the exchange's (exchange_wait); this
 * only knows what for.
 */
#include "sidecar/connection.h"

#include "base/log.h"
#include "base/mem.h"
#include "sidecar/random.h"

enum { QUEUE_RETRY_AFTER_S = 1 };

/* Those that wait go at the end of the turn, not in the middle of another's end. */
static void on_place_free(struct turn_item *item)
{
	struct connection *connection = container_of(item, struct connection, next);

	while (places_next(&connection->places)) {
		struct waiter *first = TAILQ_FIRST(&connection->queue);
		struct exchange *x = container_of(first, struct exchange, waiter);

		x->place = EXCHANGE_PLACED;
		waiters_wake_first(&connection->queue);
	}
}

void connection_init(struct connection *connection, struct turn *turn, struct link_slot *slot,
		     const char *peer_text, uint64_t max_body,
		     const struct connection_policy *policy)
{
	*connection = (struct connection){
		.turn = turn,
		.slot = slot,
		.peer_text = peer_text,
		.max_body = max_body,
		.policy = *policy,
		.places = {.max = policy->max_concurrent},
		.next = {.fn = on_place_free},
	};
	retry_budget_init(&connection->budget);
	waiters_init(&connection->queue);
}

void connection_begin(const struct connection *connection, struct exchange *x)
{
	exchange_set_limits(x, connection->peer_text, connection->max_body,
			    connection->policy.timeout_ms);
	x->idle_ms = connection->policy.idle_timeout_ms;
}

static void watch_answered(struct exchange *x)
{
	struct connection *connection = x->watch_data;

	if (x->sent && circuit_succeeded(&connection->circuit))
		log_info("%s answers again", connection->peer_text);
	x->sent = false;
	http_kept_free(&x->kept);
}

static void count_failure(struct connection *connection, struct exchange *x, unsigned status)
{
	uint64_t now = loop_now(connection->turn->loop);

	if (!x->sent)
		return;
	x->sent = false;
	if (status < 502 || status > 504)
		circuit_abandoned(&connection->circuit, x->probe);
	else if (circuit_failed(&connection->circuit, x->probe, now))
		log_warn("%s has failed %d times in a row: it is left alone for %d ms",
			 connection->peer_text, CIRCUIT_FAILURES, CIRCUIT_OPEN_MS);
}

static bool watch_failed(struct exchange *x, unsigned status)
{
	struct connection *connection = x->watch_data;
	uint32_t random;

	count_failure(connection, x, status);
	if (!x->repeatable || !x->kept || x->tries >= connection->policy.retries ||
	    connection->circuit.open || !retry_budget_take(&connection->budget))
		return false;
	random_take(&random, sizeof(random));
	exchange_wait(x, NULL, NULL, retry_delay_ms(x->tries++, random), exchange_ask_again);
	return true;
}

static void watch_ended(struct exchange *x)
{
	struct connection *connection = x->watch_data;

	if (x->sent)
		circuit_abandoned(&connection->circuit, x->probe);
	x->sent = false;
	if (x->place == EXCHANGE_QUEUED)
		places_gave_up(&connection->places);
	else if (x->place == EXCHANGE_PLACED)
		places_left(&connection->places);
	if (x->place == EXCHANGE_PLACED && connection->places.waiting)
		turn_queue(connection->turn, &connection->next);
	x->place = EXCHANGE_NO_PLACE;
}

static const struct exchange_watch watch = {
	.failed = watch_failed,
	.answered = watch_answered,
	.ended = watch_ended,
};

static void refuse_full(struct exchange *x, const char *why)
{
	const struct connection *connection = x->watch_data;

	x->retry_after_s = QUEUE_RETRY_AFTER_S;
	exchange_fail(x, 503, "%u requests are under way (max_concurrent), and %s",
		      connection->places.max, why);
}

static void on_queue_over(struct exchange *x)
{
	refuse_full(x, "none ended in time");
}

static void on_link_over(struct exchange *x)
{
	x->repeatable = true;
	exchange_fail(x, 503, "its sidecar cannot be reached (the link is down)");
}

/* True: it has a place. False: it waits for one, or has failed. */
static bool enter(struct connection *connection, struct exchange *x, const struct http_head *head)
{
	x->watch = &watch;
	x->watch_data = connection;
	retry_budget_request(&connection->budget);
	switch (places_enter(&connection->places)) {
	case PLACES_GO:
		x->place = EXCHANGE_PLACED;
		return true;
	case PLACES_WAIT:
		x->place = EXCHANGE_QUEUED;
		exchange_wait(x, head, &connection->queue, CONNECTION_QUEUE_MS, on_queue_over);
		return false;
	case PLACES_FULL:
		break;
	}
	refuse_full(x, "as many wait as may");
	return false;
}

/* True: this try goes. */
static bool pass_circuit(struct connection *connection, struct exchange *x)
{
	uint64_t now = loop_now(connection->turn->loop);
	enum circuit_verdict verdict = circuit_ask(&connection->circuit, now);

	if (verdict != CIRCUIT_REFUSE) {
		x->sent = true;
		x->probe = verdict == CIRCUIT_PROBE;
		x->repeatable = false;
		x->delayed = false;
		return true;
	}
	x->repeatable = false;
	x->retry_after_s = circuit_retry_after_s(&connection->circuit, now);
	exchange_fail(x, 503, "it has failed %d times in a row, and is not asked again yet",
		      CIRCUIT_FAILURES);
	return false;
}

void connection_forgive(struct connection *connection)
{
	connection->circuit = (struct circuit){0};
}

struct link *connection_admit(struct connection *connection, struct exchange *x,
			      const struct http_head *head)
{
	struct link *link;

	if (!x->watch && !enter(connection, x, head))
		return NULL;
	if (!x->sent && !pass_circuit(connection, x))
		return NULL;
	if (connection->policy.retries && retry_is_safe(head))
		exchange_keep(x, head);
	if (fault_at_start(connection->slot, x, head))
		return NULL;
	link = link_slot_usable(connection->slot);
	if (!link)
		exchange_wait(x, head, &connection->slot->waiters, LINK_WAIT_MS, on_link_over);
	return link;
}
