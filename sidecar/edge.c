// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * From the host into the app. In this order: whose connection it is, whether the request may come
 * from where it says (admission), what its path means (edge_map), then over the link as any call.
 * On the way back the workload's own paths become public ones.
 */
#include "sidecar/edge.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "sidecar/admission.h"
#include "sidecar/edge_map.h"
#include "sidecar/edge_routes.h"
#include "sidecar/route.h"

enum { ORIGIN_MAX = 1024, FORWARDED_MAX = 512, EXTRA_FIELDS = 4 };

struct edge {
	struct http_service service;
	struct listener listener;
	struct edge_peer *peers;
	struct edge_routes routes;
};

/* What belongs to one connection, and to its request that is under way. */
struct edge_client {
	char address[INET6_ADDRSTRLEN];
	size_t expose; // ROUTE_NONE: the answer is our own
	bool cors;
	char origin[ORIGIN_MAX];
	struct admission_request from; // with cors: only its origin
	struct buf preflight;	       // header lines of the answer to one
};

static void remember_address(struct edge_client *client, int fd)
{
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&name;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&name;

	if (getpeername(fd, (struct sockaddr *)&name, &len) != 0)
		return;
	if (name.ss_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, client->address, sizeof(client->address));
	else if (name.ss_family == AF_INET6)
		inet_ntop(AF_INET6, &v6->sin6_addr, client->address, sizeof(client->address));
}

static void client_free(void *data)
{
	struct edge_client *client = data;

	buf_free(&client->preflight);
	pool_sub(sizeof(*client));
	free(client);
}

static struct edge_client *client_new(const char *address)
{
	struct edge_client *client = xcalloc(1, sizeof(*client));

	pool_add(sizeof(*client));
	pool_buf_init(&client->preflight, HTTP_HEADER_BYTES_MAX);
	memcpy(client->address, address, sizeof(client->address));
	return client;
}

static void *client_copy(const void *data)
{
	return client_new(((const struct edge_client *)data)->address);
}

/* Tells another user why before hanging up; nothing of what he sent is read. */
static bool on_admit(void *owner, struct h1_server *server)
{
	static const char refusal[] = "HTTP/1.1 403 Forbidden\r\nconnection: close\r\n"
				      "content-type: text/plain; charset=utf-8\r\n\r\n"
				      "403 Forbidden: " ADMISSION_UID_REASON;
	struct edge *edge = owner;
	struct edge_client *client;
	struct err err;
	uint32_t uid = UINT32_MAX;
	int on = 1;

	if (!edge_peer_uid(edge->peers, server->fd, &uid, &err)) {
		log_warn("refused a connection: %s", err.text);
		return false;
	}
	if (!admission_uid(edge->routes.allow_uids, edge->routes.n_allow_uids, uid)) {
		log_warn("refused a connection of uid %u", uid);
		h1_server_refuse(server, refusal, sizeof(refusal) - 1);
		return true;
	}
	setsockopt(server->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	client = client_new((char[INET6_ADDRSTRLEN]){0});
	remember_address(client, server->fd);
	server->x.client = client;
	return true;
}

/* Nobody holds its socket any more, though the kernel may still know it. */
static bool is_gone(struct http_service *service, int fd)
{
	struct edge *edge = container_of(service, struct edge, service);
	struct err err;
	uint32_t uid;

	return !edge_peer_uid(edge->peers, fd, &uid, &err);
}

static void remember_origin(struct edge_client *client, const struct admission_request *from)
{
	const struct admission_value *origin = &from->fields[ADMISSION_ORIGIN];

	client->cors = origin->len < ORIGIN_MAX;
	if (!client->cors)
		return;
	memcpy(client->origin, origin->text, origin->len);
	client->from = (struct admission_request){0};
	client->from.fields[ADMISSION_ORIGIN] =
		(struct admission_value){client->origin, origin->len, 1};
}

/* True: go on with the request. False: it has been answered. */
static bool admit(struct edge *edge, struct exchange *x, const struct http_head *head,
		  size_t expose)
{
	struct edge_client *client = x->client;
	const struct edge_route *route = expose == ROUTE_NONE ? NULL : &edge->routes.routes[expose];
	struct admission_rules rules = {
		.address = edge->routes.address,
		.port = edge->routes.port,
		.allow_origins = route ? (const char *const *)route->allow_origins : NULL,
		.n_allow_origins = route ? route->n_allow_origins : 0,
	};
	struct admission_request from;
	struct admission_decision decision;

	admission_request_init(&from, head->method.data, head->method.len);
	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];

		admission_request_header(&from, field->name.data, field->name.len,
					 field->value.data, field->value.len);
	}
	if (!http_head_find(head, "host") && head->host.len) // of HTTP/2: :authority
		admission_request_header(&from, "host", 4, head->host.data, head->host.len);
	admission_decide(&rules, &from, &decision);
	client->cors = false;
	buf_clear(&client->preflight);
	if (decision.cors)
		remember_origin(client, &from);
	if (decision.verdict == ADMISSION_PASS)
		return true;
	if (decision.verdict == ADMISSION_PREFLIGHT &&
	    admission_preflight_headers(&from, &client->preflight)) {
		client->cors = false;
		exchange_answer(x, 204);
		return false;
	}
	exchange_close_after(x);
	exchange_fail(x, 403, "%s", decision.reason ? decision.reason : "refused");
	return false;
}

static struct http_text format_forwarded(char *to, const struct edge *edge,
					 const struct edge_client *client)
{
	bool v6 = strchr(client->address, ':') != NULL;
	int len = snprintf(to, FORWARDED_MAX, "for=%s%s%s;host=\"%s\";proto=http", v6 ? "\"[" : "",
			   client->address, v6 ? "]\"" : "", edge->routes.authority);

	return (struct http_text){to, (size_t)len};
}

static void send_on(struct edge *edge, struct exchange *x, struct link *link,
		    const struct http_head *head, struct http_text target)
{
	const struct edge_client *client = x->client;
	char forwarded[FORWARDED_MAX];
	const struct http_field extra[EXTRA_FIELDS] = {
		{.name = HTTP_TEXT("forwarded"),
		 .value = format_forwarded(forwarded, edge, client)},
		{.name = HTTP_TEXT("x-forwarded-for"), .value = http_text_of(client->address)},
		{.name = HTTP_TEXT("x-forwarded-host"),
		 .value = http_text_of(edge->routes.authority)},
		{.name = HTTP_TEXT("x-forwarded-proto"), .value = HTTP_TEXT("http")},
	};
	const struct h2_request request = {.method = head->method,
					   .target = target,
					   .authority = head->host,
					   .extra = extra,
					   .n_extra = EXTRA_FIELDS,
					   .drop = HTTP_DROP(HTTP_FIELD_FORWARDED)};

	link_request(link, x, head, &request);
}

static void forward(struct edge *edge, struct exchange *x, const struct http_head *head,
		    size_t expose)
{
	struct connection *connection = &edge->routes.routes[expose].connection;
	struct edge_client *client = x->client;
	struct link *link;
	auto_buf struct buf target;

	buf_init(&target, 2 * HTTP_TARGET_MAX);
	connection_begin(connection, x);
	if (head->has_length && head->content_length > x->request_max) {
		exchange_fail(x, 413, "the request body is larger than %llu bytes",
			      (unsigned long long)x->request_max);
	} else if (!edge_map_target(&edge->routes.exposes[expose], head->target.data,
				    head->target.len, &target) ||
		   buf_len(&target) > HTTP_TARGET_MAX) {
		exchange_fail(x, 414, "the target is too long");
	} else {
		link = connection_admit(connection, x, head);
		if (!link)
			return;
		client->expose = expose;
		send_on(edge, x, link, head,
			(struct http_text){(const char *)buf_bytes(&target), buf_len(&target)});
	}
}

static void on_request(struct http_service *service, struct exchange *x,
		       const struct http_head *head)
{
	struct edge *edge = container_of(service, struct edge, service);
	struct edge_client *client = x->client;
	const char *why;
	bool plain = route_target_is_plain(head, &why);
	size_t expose = plain ? route_table_find(&edge->routes.public, route_path(head->target))
			      : ROUTE_NONE;

	client->expose = ROUTE_NONE;
	if (!admit(edge, x, head, expose))
		return;
	if (!plain)
		exchange_fail(x, 400, "%s", why);
	else if (expose == ROUTE_NONE)
		exchange_fail(x, 404, "nothing is exposed at this path (exposed: %s)",
			      edge->routes.public_paths);
	else
		forward(edge, x, head, expose);
}

/* Response fields, with the workload's own paths mapped back and what CORS needs added. */
static bool on_response(struct http_service *service, struct exchange *x,
			const struct http_head *head, struct buf *out)
{
	struct edge *edge = container_of(service, struct edge, service);
	const struct edge_client *client = x->client;
	bool own = !client || client->expose == ROUTE_NONE;

	for (size_t i = 0; i < head->n_fields; i++) {
		const struct http_field *field = &head->fields[i];

		if (!own && edge_map_names_path(field) && !field->hop) {
			if (!edge_map_field(&edge->routes.exposes[client->expose],
					    edge->routes.authority, field, out))
				return false;
		} else if (!service_put_field(field, out)) {
			return false;
		}
	}
	if (client && buf_len(&client->preflight) &&
	    !buf_append(out, buf_bytes(&client->preflight), buf_len(&client->preflight)))
		return false;
	return !client || !client->cors ||
	       admission_cors_headers(&client->from,
				      http_head_find(head, "access-control-allow-origin"),
				      http_head_find(head, "access-control-expose-headers"), out);
}

struct edge *edge_new(struct turn *turn, struct links *links, struct edge_peer **peers,
		      const Capakit__Sidecar__V1__ServeEdge *serve, int *fd, struct err *err)
{
	auto_fd int listening = take_fd(fd);
	struct edge *edge = xcalloc(1, sizeof(*edge));

	edge->service.request = on_request;
	edge->service.response = on_response;
	edge->service.client_copy = client_copy;
	edge->service.client_free = client_free;
	edge->service.is_gone = is_gone;
	edge->peers = take_ptr(peers);
	if (edge_routes_copy(&edge->routes, turn, links, serve, err) &&
	    listener_start(&edge->listener, turn, &listening, &edge->service, on_admit, edge, err))
		return edge;
	edge_peer_close(&edge->peers);
	edge_routes_free(&edge->routes);
	free(edge);
	return NULL;
}

struct listener *edge_listener(struct edge *edge)
{
	return &edge->listener;
}
