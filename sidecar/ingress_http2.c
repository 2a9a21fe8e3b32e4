// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Towards a workload that speaks HTTP/2 (`http2: true`): all requests are streams of one
 * connection, which is made for the first and closed when none has come for a while.
 */
#include "sidecar/ingress.h"

#include <errno.h>
#include <stdio.h>

#include "base/mem.h"
#include "sidecar/h2_socket.h"
#include "sidecar/tracing.h"

enum { HOPS_DIGITS = 8, EXTRA_FIELDS = 4 };

static void on_closed(void *owner, struct h2_socket *socket)
{
	struct ingress *ingress = owner;

	if (ingress->h2 == socket)
		ingress->h2 = NULL;
}

static const struct h2_socket_owner socket_ops = {.closed = on_closed};

/* False: x has failed. */
static bool ensure_connection(struct ingress *ingress, struct exchange *x)
{
	int fd;

	if (ingress->h2 && h2_socket_usable(ingress->h2))
		return true;
	fd = ingress_connect();
	if (fd >= 0)
		ingress->h2 = h2_socket_new(ingress->turn, H2_CLIENT, fd, WORKLOAD_IDLE_MS,
					    &socket_ops, ingress);
	x->repeatable = fd < 0;
	if (fd >= 0)
		return true;
	if (errno == EAGAIN)
		exchange_fail(x, 503, "it does not accept connections (its queue is full)");
	else if (errno == ENOENT)
		exchange_fail(x, 503, "it is not listening (there is no ingress/http.sock)");
	else
		exchange_fail(x, 503, "it is not running (nobody listens at ingress/http.sock)");
	return false;
}

void ingress_request_http2(struct ingress *ingress, const struct ingress_caller *caller,
			   unsigned hops, struct exchange *x, const struct http_head *head)
{
	char count[HOPS_DIGITS];
	struct tracing tracing;
	struct http_field extra[EXTRA_FIELDS] = {
		{.name = HTTP_TEXT("x-capakit-caller"), .value = http_text_of(caller->identity)},
		{.name = HTTP_TEXT("x-capakit-hops"),
		 .value = {count, (size_t)snprintf(count, sizeof(count), "%u", hops)}},
		{.name = HTTP_TEXT("te"), .value = HTTP_TEXT("trailers")},
	};
	struct h2_request request = {.method = head->method,
				     .target = head->target,
				     .authority = head->host,
				     .extra = extra,
				     .n_extra = EXTRA_FIELDS - 1};

	tracing_decide(head, &tracing);
	request.drop = tracing.drop;
	if (tracing.n)
		extra[request.n_extra++] = tracing.parent;
	if (head->framing == HTTP_BODY_TUNNEL)
		exchange_fail(x, 501, "it speaks HTTP/2 only, and takes no WebSockets");
	else if (ensure_connection(ingress, x))
		h2_socket_request(ingress->h2, x, head, &request);
}
