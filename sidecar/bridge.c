// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What stands behind the bridge's socket. A request body is taken line by line; while one line is
 * being answered the next waits, in the queue of the exchange, so a workload that asks without
 * reading holds up nobody but itself.
 */
#include "sidecar/bridge.h"

#include <string.h>

#include "base/fd.h"
#include "base/mem.h"
#include "sidecar/bridge_rpc.h"
#include "sidecar/route.h"

static const char CONTENT_TYPE[] = "application/x-capakit-workload-bridge-jsonl";
static const char OLD_CONTENT_TYPE[] = "application/x-capakit-runner-bridge-jsonl";

struct bridge {
	struct http_service service;
	struct listener listener;
	struct keeper *keeper;
	const struct bridge_owner *ops;
	void *owner;
};

struct call { // one POST
	struct bridge *bridge;
	struct exchange *x;
	struct buf line; // that is not complete
	bool too_long;	 // skip the rest of this line
	struct bridge_request request;
	struct keeper_ask ask;
	struct turn_item grave;
};

static void call_free(struct turn_item *item)
{
	struct call *call = container_of(item, struct call, grave);

	buf_free(&call->line);
	free(call);
}

/* Appends in a way that leaves no copy behind where memory has to grow. */
static bool append_wiping(struct buf *to, const void *data, size_t len)
{
	struct buf larger;

	if (to->cap - to->end >= len)
		return buf_append(to, data, len);
	buf_init(&larger, to->max);
	larger.counted = to->counted;
	if (!buf_reserve(&larger, buf_len(to) + len))
		return false;
	if (buf_len(to))
		buf_append(&larger, buf_bytes(to), buf_len(to));
	buf_append(&larger, data, len);
	if (to->data)
		wipe(to->data, to->cap);
	buf_free(to);
	*to = larger;
	return true;
}

/* False: there is no room for it. Wipes the answer either way. */
static bool give(struct call *call, struct buf *answer)
{
	bool fits = append_wiping(&call->x->response.bytes, buf_bytes(answer), buf_len(answer));

	wipe(answer->data, answer->cap);
	if (fits)
		exchange_response_grew(call->x);
	return fits;
}

/* Longer texts are cut: an id and a message of ours always fit. */
static void answer_error(struct call *call, const char *code, const char *message, bool retryable)
{
	auto_buf struct buf answer;

	buf_init(&answer, STREAM_BUFFER_MAX);
	if (!bridge_put_error(&answer, call->request.id, code, message, retryable)) {
		buf_clear(&answer); // what the keeper said is no text
		bridge_put_error(&answer, call->request.id, "Unavailable", "the keeper failed",
				 false);
	}
	give(call, &answer);
}

static void answer_value(struct call *call, const uint8_t *value, size_t len)
{
	auto_buf struct buf answer;
	size_t size = bridge_value_size(call->request.id, len);

	buf_init(&answer, size);
	buf_reserve(&answer, size); // at once: growing would leave copies
	if (!bridge_put_value(&answer, call->request.id, value, len)) {
		wipe(answer.data, answer.cap);
		answer_error(call, "InvalidSecret", "the secret's value is not UTF-8 text", false);
	} else if (!give(call, &answer)) {
		answer_error(call, "InvalidSecret", "the secret's value is too long", false);
	}
}

static void answer_done(struct call *call)
{
	auto_buf struct buf answer;

	buf_init(&answer, STREAM_BUFFER_MAX);
	bridge_put_done(&answer, call->request.id);
	give(call, &answer);
}

static void take_lines(struct call *call);

static void on_reply(struct keeper_ask *ask, const Capakit__Keeper__V1__Reply *reply)
{
	struct call *call = container_of(ask, struct call, ask);

	if (reply && reply->kind_case == CAPAKIT__KEEPER__V1__REPLY__KIND_SECRET)
		answer_value(call, reply->secret->value.data, reply->secret->value.len);
	else if (reply && reply->kind_case == CAPAKIT__KEEPER__V1__REPLY__KIND_ERROR)
		answer_error(call, reply->error->code, reply->error->message,
			     reply->error->retryable);
	else
		answer_error(call, "Unavailable", "the keeper is gone", true);
	take_lines(call);
}

static void serve_line(struct call *call, const char *line, size_t len)
{
	struct err err;

	bridge_parse(line, len, &call->request);
	switch (call->request.op) {
	case BRIDGE_WORKLOAD_READY:
		call->bridge->ops->ready(call->bridge->owner);
		answer_done(call);
		return;
	case BRIDGE_RESOLVE_SECRET:
		call->ask.fn = on_reply;
		if (!keeper_resolve(call->bridge->keeper, &call->ask, call->request.secret, &err))
			answer_error(call, "Unavailable", err.text, true);
		return;
	case BRIDGE_INVALID:
		break;
	}
	answer_error(call, call->request.code, call->request.message, false);
}

static bool is_blank(const char *line, size_t len)
{
	return strspn(line, " \t\r") >= len;
}

static void end_line(struct call *call)
{
	size_t len = buf_len(&call->line);
	bool too_long = call->too_long;

	call->too_long = false;
	if (too_long) {
		memset(&call->request, 0, sizeof(call->request));
		answer_error(call, "InvalidRequest", "a line is longer than 4 MiB", false);
	} else if (len && buf_append(&call->line, "", 1) &&
		   !is_blank((const char *)buf_bytes(&call->line), len)) {
		serve_line(call, (const char *)buf_bytes(&call->line), len);
	}
	buf_clear(&call->line);
	buf_shrink(&call->line, 0);
}

/* Moves bytes of the request up to the end of a line. True: a line is complete. */
static bool gather_line(struct call *call)
{
	struct buf *from = &call->x->request.bytes;
	size_t len = buf_len(from);
	const uint8_t *newline = len ? memchr(buf_bytes(from), '\n', len) : NULL;
	size_t part = newline ? (size_t)(newline - buf_bytes(from)) : len;
	size_t used = part + (newline ? 1 : 0);

	if (buf_len(&call->line) + part > BRIDGE_LINE_MAX)
		call->too_long = true;
	else if (part && !call->too_long)
		buf_append(&call->line, buf_bytes(from), part);
	if (used) {
		buf_consume(from, used);
		exchange_request_taken(call->x, used);
	}
	return newline || (call->x->request.ended && (buf_len(&call->line) || call->too_long));
}

/* The answer before must be out: so one always has all of the room. */
static void take_lines(struct call *call)
{
	struct exchange *x = call->x;

	while (!call->ask.asked && !buf_len(&x->response.bytes) && gather_line(call))
		end_line(call);
	if (!call->ask.asked && !buf_len(&call->line) && exchange_body_done(&x->request) &&
	    !x->response.ended) {
		x->response.ended = true;
		exchange_response_grew(x);
	}
}

static void back_request_grew(struct exchange *x)
{
	take_lines(x->back_data);
}

static void wipe_sent(struct buf *bytes)
{
	if (bytes->data)
		wipe(bytes->data, buf_len(bytes) ? bytes->start : bytes->cap);
}

static void back_response_taken(struct exchange *x, size_t n)
{
	wipe_sent(&x->response.bytes);
	take_lines(x->back_data);
}

static void back_cancelled(struct exchange *x)
{
	struct call *call = x->back_data;

	buf_clear(&x->response.bytes);
	wipe_sent(&x->response.bytes);
	keeper_ask_cancel(&call->ask);
	turn_bury(x->turn, &call->grave, call_free);
}

static size_t back_waiting(struct exchange *x)
{
	const struct call *call = x->back_data;

	return call->line.cap;
}

static const struct exchange_back back = {
	.waiting = back_waiting,
	.request_grew = back_request_grew,
	.response_taken = back_response_taken,
	.cancelled = back_cancelled,
};

/* The one to repeat in the answer; NULL: neither of the two. None at all counts as the newer. */
static const char *content_type(const struct http_head *head)
{
	const struct http_field *field = http_head_find(head, "content-type");
	struct http_text type;
	const char *semicolon;

	if (!field)
		return CONTENT_TYPE;
	type = field->value;
	semicolon = memchr(type.data, ';', type.len);
	if (semicolon)
		type.len = (size_t)(semicolon - type.data);
	while (type.len && type.data[type.len - 1] == ' ')
		type.len--;
	if (http_text_is_nocase(type, CONTENT_TYPE))
		return CONTENT_TYPE;
	return http_text_is_nocase(type, OLD_CONTENT_TYPE) ? OLD_CONTENT_TYPE : NULL;
}

static void begin(struct bridge *bridge, struct exchange *x, const char *type)
{
	struct call *call = xcalloc(1, sizeof(*call));
	struct http_head head;

	call->bridge = bridge;
	call->x = x;
	pool_buf_init(&call->line, BRIDGE_LINE_MAX + 1);
	x->response.bytes.max = STREAM_BUFFER_MAX; // one answer is put there whole
	exchange_join(x, &back, call);
	http_head_reset(&head);
	head.status = 200;
	head.framing = HTTP_BODY_STREAM;
	http_head_add(&head, HTTP_TEXT("content-type"), http_text_of(type));
	http_head_add(&head, HTTP_TEXT("cache-control"), HTTP_TEXT("no-store"));
	exchange_response_head(x, &head);
	take_lines(call);
}

static void on_request(struct http_service *service, struct exchange *x,
		       const struct http_head *head)
{
	struct bridge *bridge = container_of(service, struct bridge, service);
	struct http_text path = route_path(head->target);
	const char *type = content_type(head);

	exchange_set_limits(x, "bridge", UINT64_MAX, 0);
	if (!http_text_is(path, "/rpc"))
		exchange_fail(x, 404, "there is only /rpc here");
	else if (!http_text_is(head->method, "POST"))
		exchange_fail(x, 405, "only POST is allowed");
	else if (!type)
		exchange_fail(x, 415, "the content type must be %s", CONTENT_TYPE);
	else
		begin(bridge, x, type);
}

struct bridge *bridge_new(struct turn *turn, struct keeper *keeper, int *fd,
			  const struct bridge_owner *ops, void *owner, struct err *err)
{
	struct bridge *bridge = xcalloc(1, sizeof(*bridge));

	bridge->service.request = on_request;
	bridge->service.http1_only = true;
	bridge->keeper = keeper;
	bridge->ops = ops;
	bridge->owner = owner;
	if (listener_start(&bridge->listener, turn, fd, &bridge->service, NULL, NULL, err))
		return bridge;
	free(bridge);
	return NULL;
}

struct listener *bridge_listener(struct bridge *bridge)
{
	return &bridge->listener;
}
