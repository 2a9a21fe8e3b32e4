// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One request and its response on their way through this process, between a front (whoever asked:
 * an HTTP/1.1 server connection, a stream of an HTTP/2 server session) and a back (whoever answers:
 * a stream of a link, a connection to the workload, the bridge).
 *
 *	front ── request body ──▶ back
 *	front ◀── response ────── back
 *
 * Each body is a bounded queue: its producer stops when it is full, and is told when the consumer
 * has taken bytes.
 *
 * The exchange is embedded in its front, which owns it. A back that has nothing more to do leaves
 * (exchange_leave); one that stays until the front ends is told so (`cancelled`).
 * An end's functions must not write to sockets nor free anything at once: they note what is to be
 * done and queue themselves for the end of the turn (turn.h). So the ends may call each other
 * freely.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "sidecar/http.h"
#include "sidecar/http_kept.h"
#include "sidecar/pool.h"
#include "sidecar/turn.h"

struct exchange;
struct fault_hold;
struct http_service;

/*
 * A 502, 503 or 504 that a sidecar made has this field on its way over a link; as x-capakit-* it
 * can come from nobody else, and goes no further. Its value is EXCHANGE_REPEATABLE when the
 * workload has heard nothing of the request, or was gone before it said anything.
 */
#define EXCHANGE_FAILURE "x-capakit-failure"
#define EXCHANGE_REPEATABLE "repeatable"

struct exchange_front {
	/* An interim (1xx) or the final response head; it is only good during the call. */
	void (*response_head)(struct exchange *x, const struct http_head *head);
	void (*response_grew)(struct exchange *x); // bytes were put there, or it has ended
	void (*request_taken)(struct exchange *x, size_t n); // the back has taken n bytes
	void (*response_broken)(struct exchange *x); // it will never be complete: make that visible
	/* Optional, for exchange_close_after. */
	void (*close_after)(struct exchange *x);
	/* Memory is short, and x has stalled: an answer that says so, or a visible end, at once. */
	void (*cut)(struct exchange *x);
	size_t (*waiting)(struct exchange *x); // optional: what it holds beside the bodies
};

struct exchange_back {
	void (*request_grew)(struct exchange *x);
	void (*response_taken)(struct exchange *x, size_t n);
	void (*cancelled)(struct exchange *x); // forget x, which is gone after the call
	size_t (*waiting)(struct exchange *x); // optional, as of the front
};

/* Who sends the request on, and hears what becomes of it: the policy of a connection. */
struct exchange_watch {
	/*
	 * It has failed before a response began (exchange_fail), or the callee's sidecar says so in
	 * this response. True: it is asked again instead (exchange_wait).
	 */
	bool (*failed)(struct exchange *x, unsigned status);
	void (*answered)(struct exchange *x); // the response of the workload itself begins
	void (*ended)(struct exchange *x);    // at the latest with the exchange; then forgotten
};

typedef void exchange_fn(struct exchange *x);

struct exchange_body {
	struct buf bytes;    // see exchange_room
	bool ended;	     // the producer has put in the last byte
	size_t taken;	     // bytes, by the consumer
	size_t window;	     // that an HTTP/2 producer was told of; 0: the one that all begin with
	struct buf trailers; // with `ended`: trailers.h; mostly empty
};

struct exchange {
	struct turn *turn;
	const struct exchange_front *front;
	const struct exchange_back *back; // NULL: there is none (yet, or any more)
	struct exchange_body request;
	struct exchange_body response;
	const struct exchange_body
		*wide; // the one that may hold more than the other; NULL: neither yet
	struct pool_member pool;
	bool holds;		      // bytes wait
	struct http_service *service; // whose request it is; NULL: nobody's (a link)
	struct http_service *behind;  // is asked again instead, for a request without service
	void *client;		      // that service's
	const char *peer;	      // for error texts: "workload archive"; not owned
	bool to_head;		      // the request is a HEAD
	bool response_begun;	      // the final head has been passed to the front
	bool asked_tunnel;	      // the request asks for an upgrade
	bool tunnel;		      // it was made: bodies are its bytes, each way until its end
	uint64_t request_max;	      // bytes of body
	uint64_t request_seen;	      // so far
	struct deadline response_due; // until response_begun
	uint32_t idle_ms;	      // 0: silence may last
	struct deadline quiet;	      // nothing has moved for idle_ms
	/* Of a request that waits (exchange_wait), or may have to. */
	struct http_kept *kept; // NULL: its head is not kept
	struct waiter waiter;
	struct deadline wait_over;
	exchange_fn *on_wait_over; // not NULL: it waits
	/* For the watch's use */
	const struct exchange_watch *watch;
	void *watch_data;
	unsigned tries; // that have failed
	enum exchange_place { EXCHANGE_NO_PLACE, EXCHANGE_QUEUED, EXCHANGE_PLACED } place;
	bool sent;  // this try counts, and has not ended
	bool probe; // of a circuit
	/* What a failure says beside its status */
	bool repeatable;	// nothing has come of it, or nobody has heard it
	bool own_failure;	// the response is of this process: not the workload's
	unsigned retry_after_s; // 0: says nothing of that
	/* Faults of a test run (fault.h) */
	struct fault_hold *fault; // NULL: its response is left alone
	bool held_end;		  // the response has ended, behind bytes that are held back
	bool delayed;		  // this try has waited for its latency
	/* For the back's use */
	void *back_data;
	int32_t back_stream;
	bool back_waits; // for more of the request body
	LIST_ENTRY(exchange) of_back;
};
LIST_HEAD(exchanges, exchange);

/* Once in the life of the front. */
void exchange_init(struct exchange *x, struct turn *turn, const struct exchange_front *front);

/* Makes it ready for a request with this head. Its body, if it has one, is still to come. */
void exchange_begin(struct exchange *x, const struct http_head *head);

/* What the front's owner knows when it has chosen the back: 0 means the default. */
void exchange_set_limits(struct exchange *x, const char *peer, uint64_t request_max,
			 uint32_t timeout_ms); // the time runs from the first call on

/*
 * It has no back for now: service->request is called again with the same head when it is woken
 * among `all` (NULL: it is not). After ms comes `over`; it is exchange_ask_again or ends the wait
 * by failing. What comes of the request's body is kept meanwhile, as much as its buffer holds.
 */
void exchange_wait(struct exchange *x, const struct http_head *head, struct waiters *all,
		   uint32_t ms, exchange_fn *over);
void exchange_ask_again(struct exchange *x);

/* Keeps the head, so that exchange_wait needs none. Again: changes nothing. */
void exchange_keep(struct exchange *x, const struct http_head *head);

static inline bool exchange_waits(const struct exchange *x)
{
	return x->on_wait_over != NULL;
}

/* True: it may begin. False: this process holds too much, and it has failed. */
bool exchange_admit(struct exchange *x);

/* How much one of its bodies may hold for now, and how much of that is left for its producer. */
size_t exchange_window(struct exchange *x, struct exchange_body *body);
size_t exchange_room(struct exchange *x, struct exchange_body *body);

/* Is the producer of a body to go on? (With half of the window free, so that it pays.) */
bool exchange_wants(struct exchange *x, struct exchange_body *body);

/* Bytes wait with one of its ends, as those of a head. */
void exchange_holds(struct exchange *x);

/* The client's connection closes after this response, if it serves one request at a time. */
void exchange_close_after(struct exchange *x);

/* The front is gone for good, and so is the memory of its exchange. */
void exchange_free(struct exchange *x);

/* The front is done with it, or its client went away. Cancels the back; may be called twice. */
void exchange_end(struct exchange *x);

/* Front: n bytes were put into request.bytes, or request.ended was set. */
void exchange_request_grew(struct exchange *x, size_t n);

/* Front: n bytes of response.bytes were sent and consumed. */
void exchange_response_taken(struct exchange *x, size_t n);

/* Back: joins, with its data in back_data, and leaves, when it neither wants nor gives any more. */
void exchange_join(struct exchange *x, const struct exchange_back *back, void *data);
void exchange_leave(struct exchange *x);

/* Back: n bytes of request.bytes were consumed. */
void exchange_request_taken(struct exchange *x, size_t n);

/*
 * Back: passes a head on. One with status 101, after a request for a tunnel, opens it; any other
 * final one says no, and the request then had no body.
 */
void exchange_response_head(struct exchange *x, const struct http_head *head);

/* Back: bytes were put into response.bytes, or response.ended was set. */
void exchange_response_grew(struct exchange *x);

/*
 * Either side, or a deadline: answers with an error of our own (text/plain) if the response has not
 * begun and the watch does not have it asked again, else breaks it off. The back is told and gone.
 * 5xx are logged.
 */
void exchange_fail(struct exchange *x, unsigned status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Breaks the response off even if it has not begun: whoever asks sees its connection close. */
void exchange_break(struct exchange *x);

/* Back, or the front's owner: a whole response without a body. */
void exchange_answer(struct exchange *x, unsigned status);

static inline bool exchange_body_done(const struct exchange_body *body)
{
	return body->ended && buf_len(&body->bytes) == 0;
}
