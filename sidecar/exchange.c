// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The middle of every request: knows no protocol. It ties a front to a back, counts what may not
 * grow without bound, and turns every failure into either an answer that says why or a response
 * that is visibly cut.
 */
#include "sidecar/exchange.h"

#include "base/mem.h"
#include "sidecar/exchange_parts.h"
#include "sidecar/fault.h"

enum { KEPT_BYTES = 4096 };

static void on_response_due(struct deadline *deadline)
{
	struct exchange *x = container_of(deadline, struct exchange, response_due);

	exchange_fail(x, 504, "no response in time");
}

static void on_quiet(struct deadline *deadline)
{
	struct exchange *x = container_of(deadline, struct exchange, quiet);

	if (!x->response.ended)
		exchange_fail(x, 504, "nothing has come or gone for %u ms (idle_timeout)",
			      x->idle_ms);
}

/* Bytes have come, or a head: somebody keeps them until they are taken. */
void exchange_holds(struct exchange *x)
{
	if (!x->holds)
		x->pool.since = loop_now(x->turn->loop);
	x->holds = true;
}

static void was_taken(struct exchange *x)
{
	x->pool.since = loop_now(x->turn->loop);
	x->holds = buf_len(&x->request.bytes) || buf_len(&x->response.bytes);
}

static size_t size_if_used(const struct buf *buf)
{
	return buf_len(buf) ? buf->cap : 0;
}

static size_t pool_waiting(struct pool_member *member)
{
	struct exchange *x = container_of(member, struct exchange, pool);

	return size_if_used(&x->request.bytes) + size_if_used(&x->response.bytes) +
	       (x->kept ? http_kept_size(x->kept) : 0) +
	       (x->front->waiting ? x->front->waiting(x) : 0) +
	       (x->back && x->back->waiting ? x->back->waiting(x) : 0);
}

static void pool_cut(struct pool_member *member)
{
	struct exchange *x = container_of(member, struct exchange, pool);

	x->front->cut(x);
}

static const struct pool_member_ops pool_ops = {.waiting = pool_waiting, .cut = pool_cut};

/* Bytes have moved. */
static void touch(struct exchange *x)
{
	if (x->idle_ms && !exchange_waits(x))
		deadline_set(x->turn, &x->quiet, x->idle_ms);
}

void exchange_init(struct exchange *x, struct turn *turn, const struct exchange_front *front)
{
	*x = (struct exchange){.turn = turn, .front = front};
	x->response_due.fn = on_response_due;
	x->quiet.fn = on_quiet;
	exchange_wait_init(x);
	pool_buf_init(&x->request.bytes, STREAM_BUFFER_MAX);
	pool_buf_init(&x->response.bytes, STREAM_BUFFER_MAX);
	pool_buf_init(&x->request.trailers, 2 * HTTP_TRAILER_BYTES_MAX);
	pool_buf_init(&x->response.trailers, 2 * HTTP_TRAILER_BYTES_MAX);
	pool_join(&x->pool, &pool_ops, loop_now(turn->loop));
}

void exchange_free(struct exchange *x)
{
	pool_leave(&x->pool);
	buf_free(&x->request.bytes);
	buf_free(&x->response.bytes);
	buf_free(&x->request.trailers);
	buf_free(&x->response.trailers);
}

size_t exchange_window(struct exchange *x, struct exchange_body *body)
{
	size_t window = pool_window();

	if (window <= STREAM_WINDOW)
		return window;
	if (body->taken < STREAM_WINDOW / 2 || (x->wide && x->wide != body))
		return STREAM_WINDOW;
	x->wide = body;
	return window;
}

size_t exchange_room(struct exchange *x, struct exchange_body *body)
{
	size_t window = exchange_window(x, body), len = buf_len(&body->bytes);

	body->bytes.max = window > len ? window : len;
	return body->bytes.max - len;
}

bool exchange_wants(struct exchange *x, struct exchange_body *body)
{
	return buf_len(&body->bytes) < exchange_window(x, body) / 2;
}

void exchange_begin(struct exchange *x, const struct http_head *head)
{
	x->to_head = http_text_is(head->method, "HEAD");
	x->request.ended = head->framing == HTTP_BODY_NONE;
	x->response.ended = false;
	x->request.taken = 0;
	x->request.window = 0;
	x->response.taken = 0;
	x->response.window = 0;
	x->wide = NULL;
	x->holds = false;
	x->pool.since = loop_now(x->turn->loop); // so it is never cut to make room for itself
	x->response_begun = false;
	x->asked_tunnel = head->framing == HTTP_BODY_TUNNEL;
	x->tunnel = false;
	x->request_seen = 0;
	x->request_max = HTTP_BODY_DEFAULT_MAX;
	x->peer = NULL;
	x->back = NULL;
	x->behind = NULL;
	x->back_waits = false;
	x->idle_ms = 0;
	x->tries = 0;
	x->place = EXCHANGE_NO_PLACE;
	x->sent = false;
	x->repeatable = false;
	x->own_failure = false;
	x->retry_after_s = 0;
	x->delayed = false;
}

void exchange_set_limits(struct exchange *x, const char *peer, uint64_t request_max,
			 uint32_t timeout_ms)
{
	x->peer = peer;
	x->request_max = request_max ? request_max : HTTP_BODY_DEFAULT_MAX;
	if (!x->response_due.set)
		deadline_set(x->turn, &x->response_due,
			     timeout_ms ? timeout_ms : RESPONSE_TIMEOUT_MS);
}

void exchange_close_after(struct exchange *x)
{
	if (x->front->close_after)
		x->front->close_after(x);
}

static void empty(struct exchange_body *body)
{
	buf_clear(&body->bytes);
	buf_shrink(&body->bytes, KEPT_BYTES);
	buf_free(&body->trailers);
}

/* A long stream with little to do now does not keep what it once needed, when others need it. */
static void give_back_unused(struct exchange_body *body)
{
	if (!pool_is_roomy())
		buf_shrink(&body->bytes, KEPT_BYTES);
}

void exchange_drop_back(struct exchange *x)
{
	const struct exchange_back *back = take_ptr(&x->back);

	if (back)
		back->cancelled(x);
}

void exchange_drop_watch(struct exchange *x)
{
	const struct exchange_watch *watch = take_ptr(&x->watch);

	if (watch)
		watch->ended(x);
}

void exchange_end(struct exchange *x)
{
	deadline_clear(&x->response_due);
	exchange_stop_waiting(x);
	exchange_drop_back(x);
	exchange_drop_watch(x);
	fault_forget(x);
	http_kept_free(&x->kept);
	x->holds = false;
	empty(&x->request);
	empty(&x->response);
}

void exchange_request_grew(struct exchange *x, size_t n)
{
	x->request_seen += n;
	exchange_holds(x);
	touch(x);
	if (x->request_seen > x->request_max && !x->tunnel) {
		exchange_fail(x, 413, "the request body is larger than %llu bytes",
			      (unsigned long long)x->request_max);
		return;
	}
	if (x->back) {
		x->back->request_grew(x);
		return;
	}
	if (exchange_waits(x))
		return;
	n = buf_len(&x->request.bytes); // nobody wants it: the response came early
	buf_clear(&x->request.bytes);
	if (n)
		x->front->request_taken(x, n);
}

void exchange_response_taken(struct exchange *x, size_t n)
{
	if (n) {
		x->response.taken += n;
		was_taken(x);
		give_back_unused(&x->response);
		touch(x);
	}
	if (x->back && n)
		x->back->response_taken(x, n);
}

void exchange_join(struct exchange *x, const struct exchange_back *back, void *data)
{
	x->back = back;
	x->back_data = data;
	touch(x);
}

void exchange_leave(struct exchange *x)
{
	x->back = NULL;
	x->back_data = NULL;
}

void exchange_request_taken(struct exchange *x, size_t n)
{
	if (!n)
		return;
	x->request.taken += n;
	was_taken(x);
	give_back_unused(&x->request);
	touch(x);
	x->front->request_taken(x, n);
}

static void decide_tunnel(struct exchange *x, bool open)
{
	x->tunnel = open;
	if (open)
		return;
	x->request.ended = true;
	if (x->back)
		x->back->request_grew(x);
}

void exchange_pass_head(struct exchange *x, const struct http_head *head)
{
	touch(x);
	if (head->status >= 200 || head->status == 101) {
		x->response_begun = true;
		deadline_clear(&x->response_due);
	}
	if (x->asked_tunnel && x->response_begun)
		decide_tunnel(x, head->status == 101);
	exchange_holds(x);
	x->front->response_head(x, head);
}

/* The status of a failure that the callee's sidecar tells of; 0: the workload has answered. */
static unsigned failure_of(const struct http_head *head, bool *repeatable)
{
	const struct http_field *failure;

	if (head->status < 502 || head->status > 504)
		return 0;
	failure = http_head_find(head, EXCHANGE_FAILURE);
	*repeatable = failure && http_text_is(failure->value, EXCHANGE_REPEATABLE);
	return failure ? head->status : 0;
}

/* True: it is asked again instead. */
static bool watch_head(struct exchange *x, const struct http_head *head)
{
	unsigned failure = failure_of(head, &x->repeatable);

	if (!failure) {
		x->watch->answered(x);
		return false;
	}
	if (!x->watch->failed(x, failure))
		return false;
	exchange_drop_back(x);
	x->response.ended = false;
	return true;
}

void exchange_response_head(struct exchange *x, const struct http_head *head)
{
	bool last = head->status >= 200 || head->status == 101;

	if (!last)
		http_kept_free(&x->kept); // the client has heard something: no repetition
	if (!x->watch || !last || !watch_head(x, head))
		exchange_pass_head(x, head);
}

void exchange_response_grew(struct exchange *x)
{
	exchange_holds(x);
	touch(x);
	if (!x->fault || !fault_in_response(x))
		x->front->response_grew(x);
}
