// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The callee's side of a call. The caller's sidecar has checked the request already, for good error
 * texts; this check is the one that counts, made by the only process that can reach the workload,
 * from the name that the peer proved in its certificate.
 */
#include "sidecar/ingress.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/num.h"
#include "sidecar/h1_client.h"
#include "sidecar/h2_socket.h"
#include "sidecar/request_head.h"
#include "sidecar/route.h"
#include "sidecar/tracing.h"

int ingress_connect(void)
{
	static const struct sockaddr_un address = {.sun_family = AF_UNIX,
						   .sun_path = INGRESS_SOCKET};
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int why;

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return take_fd(&fd);
	why = errno;
	fd_close(&fd);
	errno = why;
	return -1;
}

static int connect_workload(struct ingress *ingress)
{
	return ingress_connect();
}

struct ingress *ingress_new(struct turn *turn, const Capakit__Sidecar__V1__ServeWorkload *serve)
{
	struct ingress *ingress = xcalloc(1, sizeof(*ingress));

	ingress->turn = turn;
	ingress->connect = connect_workload;
	ingress->workload = xstrdup(serve->workload);
	ingress->peer_text = xasprintf("workload %s", serve->workload);
	ingress->paths = xcalloc(serve->n_endpoints + 1, sizeof(*ingress->paths));
	ingress->max_bodies = xcalloc(serve->n_endpoints + 1, sizeof(*ingress->max_bodies));
	ingress->http2 = xcalloc(serve->n_endpoints + 1, sizeof(*ingress->http2));
	for (size_t i = 0; i < serve->n_endpoints; i++) {
		ingress->paths[i] = xstrdup(serve->endpoints[i]->path);
		ingress->http2[i] = serve->endpoints[i]->http2;
		ingress->max_bodies[i] = serve->endpoints[i]->max_body;
	}
	route_table_init(&ingress->table, (const char *const *)ingress->paths, serve->n_endpoints);
	LIST_INIT(&ingress->idle);
	LIST_INIT(&ingress->busy);
	return ingress;
}

static bool put_fields(const struct http_head *head, struct buf *out)
{
	struct tracing tracing;

	tracing_decide(head, &tracing);
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];

		if (http_field_passes(field) && field->id != HTTP_FIELD_COOKIE &&
		    !(tracing.drop & HTTP_DROP(field->id)) &&
		    !http1_put_field(out, field->name, field->value))
			return false;
	}
	if (tracing.n && !http1_put_field(out, tracing.parent.name, tracing.parent.value))
		return false;
	return request_put_cookies(head, out);
}

static bool put_head(const struct ingress_caller *caller, unsigned hops,
		     const struct http_head *head, struct buf *out, enum http_framing *framing)
{
	char digits[NUM_U64_DIGITS];
	struct http_text count = {digits, num_put_u64(digits, hops)};

	if (!http1_put_request_line(out, head->method, head->target) ||
	    !http1_put_field(out, HTTP_TEXT("host"), head->host) || !put_fields(head, out) ||
	    !http1_put_field(out, HTTP_TEXT("x-capakit-caller"), http_text_of(caller->identity)) ||
	    !http1_put_field(out, HTTP_TEXT("x-capakit-hops"), count))
		return false;
	return request_put_end(head, out, framing);
}

void ingress_request(struct ingress *ingress, const struct ingress_caller *caller,
		     struct exchange *x, const struct http_head *head)
{
	const struct route_access access = {
		.endpoints = (const char *const *)ingress->paths,
		.table = &ingress->table,
		.granted = caller->granted,
	};
	struct route_decision decision;
	enum http_framing framing;
	struct h1_client *client;

	route_authorise(&access, head, &decision);
	exchange_set_limits(x, ingress->peer_text, ingress->max_bodies[decision.endpoint], 0);
	deadline_clear(&x->response_due); // the caller's sidecar keeps the time
	if (decision.verdict != ROUTE_PASS) {
		exchange_fail(x, decision.status, "%s", decision.reason);
	} else if (ingress->paused) {
		x->repeatable = true;
		exchange_fail(x, 503, "it is being restarted");
	} else if (head->has_length && head->content_length > x->request_max) {
		exchange_fail(x, 413, "the request body is larger than %llu bytes",
			      (unsigned long long)x->request_max);
	} else if (ingress->http2[decision.endpoint]) {
		ingress_request_http2(ingress, caller, decision.hops, x, head);
	} else if (!LIST_FIRST(&ingress->idle) && ingress->n_clients >= INGRESS_CONNECTIONS_MAX) {
		exchange_fail(x, 503, "too many requests at once");
	} else {
		client = h1_client_join(ingress, x, head);
		if (put_head(caller, decision.hops, head, &client->writer.head, &framing))
			h1_client_start(client, framing);
		else
			exchange_fail(x, 431, "the header fields are too long");
	}
}

void ingress_drain(struct ingress *ingress)
{
	struct h1_client *client;

	ingress->draining = true;
	if (ingress->h2)
		h2_socket_drain(ingress->h2);
	while ((client = LIST_FIRST(&ingress->idle)))
		h1_client_close(client);
	client = LIST_FIRST(&ingress->busy);
	while (client) {
		struct h1_client *next = LIST_NEXT(client, next);

		h1_client_drain(client);
		client = next;
	}
}

void ingress_pause(struct ingress *ingress)
{
	ingress->paused = true;
	ingress_drain(ingress);
}

void ingress_resume(struct ingress *ingress)
{
	ingress->paused = false;
	ingress->draining = false;
}

bool ingress_busy(const struct ingress *ingress)
{
	return !LIST_EMPTY(&ingress->busy) || ingress->h2;
}
