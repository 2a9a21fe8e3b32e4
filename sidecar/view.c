// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The caller's side of a call. Which endpoint a request is for is decided by the socket it came in
 * on, never by what it says; the checks here give early and good errors.
 */
#include "sidecar/view.h"

#include <string.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/num.h"
#include "sidecar/connection.h"
#include "sidecar/edge_map.h"
#include "sidecar/route.h"

/* The origin by which a workload may name itself to its callers (kit-contract.md, section 4). */
#define OWN_AUTHORITY "capakit.local"

struct view {
	struct http_service service;
	struct listener listener;
	struct connection connection;
	char *peer_text;	  // "workload archive"
	struct edge_expose map;	  // the endpoint's path here, and at the callee
	struct route_table paths; // the former alone
	bool outside;		  // it stands for a host outside
};

/* Does the caller know the endpoint by another path than the callee? */
static bool is_renamed(const struct view *view)
{
	return strcmp(view->map.public_path, view->map.endpoint_path) != 0;
}

static void send_on(struct link *link, struct exchange *x, const struct http_head *head,
		    struct http_text target, unsigned hops)
{
	char count[NUM_U64_DIGITS];
	const struct http_field extra = {.name = HTTP_TEXT("x-capakit-hops"),
					 .value = {count, num_put_u64(count, hops)}};
	const struct h2_request request = {.method = head->method,
					   .target = target,
					   .authority = head->host,
					   .extra = &extra,
					   .n_extra = hops > ROUTE_HOPS_UNSAID};

	link_request(link, x, head, &request);
}

static void send_renamed(struct view *view, struct link *link, struct exchange *x,
			 const struct http_head *head, unsigned hops)
{
	auto_buf struct buf target;

	buf_init(&target, 2 * HTTP_TARGET_MAX);
	if (edge_map_target(&view->map, head->target.data, head->target.len, &target) &&
	    buf_len(&target) <= HTTP_TARGET_MAX)
		send_on(link, x, head,
			(struct http_text){(const char *)buf_bytes(&target), buf_len(&target)},
			hops);
	else
		exchange_fail(x, 414, "the target is too long");
}

/* OpenAI clients join a base URL that ends in a slash and a path that begins with one. */
static const struct http_head *collapse_slash(const struct http_head *head)
{
	static struct http_head collapsed; // good during the call

	if (head->target.len < 2 || memcmp(head->target.data, "//", 2) != 0)
		return head;
	collapsed = *head;
	collapsed.target = (struct http_text){head->target.data + 1, head->target.len - 1};
	return &collapsed;
}

static void on_request(struct http_service *service, struct exchange *x,
		       const struct http_head *head)
{
	struct view *view = container_of(service, struct view, service);
	if (view->outside)
		head = collapse_slash(head);
	struct route_decision decision;
	struct link *link;

	connection_begin(&view->connection, x);
	route_decide(&view->paths, head, &decision);
	if (decision.verdict != ROUTE_PASS) {
		exchange_fail(x, decision.status, "%s (this socket stands for %s)", decision.reason,
			      view->map.public_path);
		return;
	}
	if (head->has_length && head->content_length > x->request_max) {
		exchange_fail(x, 413, "the request body is larger than %llu bytes",
			      (unsigned long long)x->request_max);
		return;
	}
	link = connection_admit(&view->connection, x, head);
	if (link && is_renamed(view))
		send_renamed(view, link, x, head, decision.hops);
	else if (link)
		send_on(link, x, head, head->target, decision.hops);
}

/* Response fields; those that name a path of the workload say the caller's, if that is another. */
static bool on_response(struct http_service *service, struct exchange *x,
			const struct http_head *head, struct buf *out)
{
	struct view *view = container_of(service, struct view, service);

	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];
		bool mapped = edge_map_names_path(field) && !field->hop;

		if (mapped ? !edge_map_field(&view->map, OWN_AUTHORITY, field, out)
			   : !service_put_field(field, out))
			return false;
	}
	return true;
}

struct view *view_new(struct turn *turn, struct links *links,
		      const Capakit__Sidecar__V1__AddConnection *add, int *fd, struct err *err)
{
	auto_fd int listening = take_fd(fd);
	struct link_slot *slot = links_slot(links, add->link, err);
	const struct connection_policy policy = {
		.timeout_ms = add->timeout_ms,
		.idle_timeout_ms = add->idle_timeout_ms,
		.retries = add->retries,
		.max_concurrent = add->max_concurrent,
	};
	struct view *view;

	if (!slot)
		return NULL;
	view = xcalloc(1, sizeof(*view));
	view->service.request = on_request;
	view->outside = add->outside;
	view->peer_text = xasprintf("%s %s", add->outside ? "host" : "workload", add->workload);
	view->map.public_path = xstrdup(add->endpoint->path);
	view->map.endpoint_path =
		xstrdup(*add->callee_path ? add->callee_path : add->endpoint->path);
	if (is_renamed(view))
		view->service.response = on_response;
	route_table_init(&view->paths, &view->map.public_path, 1);
	connection_init(&view->connection, turn, slot, view->peer_text, add->endpoint->max_body,
			&policy);
	if (listener_start(&view->listener, turn, &listening, &view->service, NULL, NULL, err))
		return view;
	route_table_free(&view->paths);
	free(view->peer_text);
	free((char *)(uintptr_t)view->map.public_path);
	free((char *)(uintptr_t)view->map.endpoint_path);
	free(view);
	return NULL;
}

struct listener *view_listener(struct view *view)
{
	return &view->listener;
}

void view_forgive(struct view *view)
{
	connection_forgive(&view->connection);
}
