// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Answers of our own, mostly failures: whoever asked is told why in the body, the log keeps the
 * same line, and a response that has begun is visibly cut.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "base/num.h"
#include "sidecar/exchange_parts.h"

enum { REASON_MAX = 512, LOGGED_PER_SECOND = 10, POOL_RETRY_AFTER_S = 1 };

static void answer(struct exchange *x, unsigned status, const char *text, size_t len)
{
	struct http_head head;
	char digits[NUM_U64_DIGITS];
	struct http_text after = {digits, 0};

	http_head_reset(&head);
	head.status = status;
	head.framing = HTTP_BODY_LENGTH;
	head.has_length = true;
	head.content_length = len;
	http_head_add(&head, HTTP_TEXT("content-type"), HTTP_TEXT("text/plain; charset=utf-8"));
	http_head_add(&head, HTTP_TEXT("cache-control"), HTTP_TEXT("no-store"));
	if (x->retry_after_s) {
		after.len = num_put_u64(digits, x->retry_after_s);
		http_head_add(&head, HTTP_TEXT("retry-after"), after);
	}
	x->own_failure = true;
	exchange_pass_head(x, &head);
	if (!x->to_head)
		buf_append(&x->response.bytes, text, len);
	x->response.ended = true;
	exchange_response_grew(x);
}

void exchange_answer(struct exchange *x, unsigned status)
{
	struct http_head head;

	http_head_reset(&head);
	head.status = status;
	head.framing = HTTP_BODY_NONE;
	x->response.ended = true;
	exchange_response_head(x, &head);
	exchange_response_grew(x);
}

/* A workload can fail as fast as it likes; whoever reads the log cannot. */
static void log_failure(struct turn *turn, const char *text, int len)
{
	static uint64_t window;
	static unsigned n_lines;
	uint64_t now = loop_now(turn->loop) / 1000;

	if (window != now && n_lines > LOGGED_PER_SECOND)
		log_warn("%u more requests failed", n_lines - LOGGED_PER_SECOND);
	if (window != now)
		n_lines = 0;
	window = now;
	if (++n_lines <= LOGGED_PER_SECOND)
		log_warn("request failed: %.*s", len, text);
}

void exchange_break(struct exchange *x)
{
	exchange_stop_waiting(x);
	exchange_drop_back(x);
	deadline_clear(&x->response_due);
	exchange_drop_watch(x);
	x->front->response_broken(x);
}

void exchange_fail(struct exchange *x, unsigned status, const char *format, ...)
{
	char reason[REASON_MAX];
	char text[REASON_MAX + 128];
	va_list args;
	int len;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	len = snprintf(text, sizeof(text), "%u %s: %s%s%s\n", status, http_reason(status),
		       x->peer ? x->peer : "", x->peer ? ": " : "", reason);
	exchange_stop_waiting(x);
	exchange_drop_back(x);
	if (!x->response_begun && x->watch && x->watch->failed(x, status))
		return;
	if (status >= 500)
		log_failure(x->turn, text, len - 1);
	deadline_clear(&x->response_due);
	exchange_drop_watch(x);
	if (!x->response_begun)
		answer(x, status, text, (size_t)len);
	else if (!x->response.ended)
		x->front->response_broken(x);
}

bool exchange_admit(struct exchange *x)
{
	if (pool_admits(loop_now(x->turn->loop)))
		return true;
	x->repeatable = true;
	x->retry_after_s = POOL_RETRY_AFTER_S;
	exchange_fail(x, 503, POOL_REASON);
	return false;
}
