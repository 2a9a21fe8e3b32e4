// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The callee's side of a connection to a host outside, in a process of its own for each workload
 * that has one: it alone can dial, and it alone has the secrets for it. The workload's own sidecar
 * can do neither, and the workload can only ask.
 */
#include "sidecar/outside.h"

#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sidecar/egress_resolve.h"
#include "sidecar/h1_client.h"
#include "sidecar/ingress.h"
#include "sidecar/outside_inject.h"
#include "sidecar/outside_rules.h"
#include "sidecar/outside_wire.h"
#include "sidecar/service.h"

struct host {
	struct http_service service; // is asked again, when a secret has come
	struct ingress ingress;	     // its pool of connections
	struct outside *outside;
	char *link;
	struct egress_target target;
	struct egress_goal goal;
	struct outside_rules rules;
	bool injects;
	struct outside_inject inject;
};

struct outside {
	struct outside_wires wires;
	struct egress_upstreams upstreams;
	struct host *hosts;
	size_t n_hosts;
};

static void on_waited(struct exchange *x)
{
	exchange_fail(x, 504, "the keeper did not give its secret in time");
}

static void send_on(struct host *host, struct exchange *x, const struct http_head *head)
{
	struct http_text value = {(const char *)host->inject.text.data, host->inject.text.len};
	enum http_framing framing;
	if (!LIST_FIRST(&host->ingress.idle) &&
	    host->ingress.n_clients >= INGRESS_CONNECTIONS_MAX) {
		exchange_fail(x, 503, "too many requests at once");
		return;
	}
	struct h1_client *client = h1_client_join(&host->ingress, x, head);
	if (outside_put_head(&host->rules, head, host->injects ? host->inject.header : NULL, value,
			     &client->writer.head, &framing))
		h1_client_start(client, framing);
	else
		exchange_fail(x, 431, "the header fields are too long");
}

static void inject(struct host *host, struct exchange *x, const struct http_head *head)
{
	switch (outside_inject_get(&host->inject)) {
	case INJECT_READY:
		send_on(host, x, head);
		break;
	case INJECT_WAITS:
		x->behind = &host->service;
		exchange_wait(x, head, &host->inject.waiters, OUTSIDE_INJECT_WAIT_MS, on_waited);
		break;
	case INJECT_FAILED:
		exchange_fail(x, 502, "%s", host->inject.failure);
		break;
	}
}

static void on_request(struct http_service *service, struct exchange *x,
		       const struct http_head *head)
{
	struct host *host = container_of(service, struct host, service);
	unsigned status;
	exchange_set_limits(x, host->ingress.peer_text, 0, 0);
	deadline_clear(&x->response_due); // the caller's sidecar keeps the time
	const char *refusal = outside_refusal(&host->rules, head, &status);
	if (refusal)
		exchange_fail(x, status, "%s", refusal);
	else if (host->injects)
		inject(host, x, head);
	else
		send_on(host, x, head);
}

void outside_request(struct outside *outside, const char *link, struct exchange *x,
		     const struct http_head *head)
{
	for (size_t i = 0; i < outside->n_hosts; i++)
		if (str_eq(outside->hosts[i].link, link)) {
			on_request(&outside->hosts[i].service, x, head);
			return;
		}
	exchange_fail(x, 403, "this link leads to no host");
}

void outside_drain(struct outside *outside)
{
	for (size_t i = 0; i < outside->n_hosts; i++)
		ingress_drain(&outside->hosts[i].ingress);
}

/* ---- what the controller says ---- */

static int connect_host(struct ingress *ingress)
{
	struct host *host = container_of(ingress, struct host, ingress);
	return outside_wire_open(&host->outside->wires, &host->goal, ingress->peer_text);
}

static char **copy_texts(char **from, size_t count)
{
	char **to = xcalloc(count + 1, sizeof(*to));
	for (size_t i = 0; i < count; i++)
		to[i] = xstrdup(from[i]);
	return to;
}

static void fill_rules(struct outside_rules *rules, const Capakit__Sidecar__V1__OutsideHost *from)
{
	*rules = (struct outside_rules){
		.authority = from->port == 443 ? xstrdup(from->host)
					       : xasprintf("%s:%u", from->host, from->port),
		.methods = copy_texts(from->methods, from->n_methods),
		.n_methods = from->n_methods,
		.paths = copy_texts(from->paths, from->n_paths),
		.n_paths = from->n_paths,
	};
}

static bool fill_host(struct host *host, struct outside *outside, struct keeper *keeper,
		      const Capakit__Sidecar__V1__OutsideHost *from, struct err *err)
{
	if (from->port == 0 || from->port > UINT16_MAX)
		return err_set(err, ERR_PROTOCOL, "a host with port %u", from->port);
	if (!egress_target_parse(from->host, strlen(from->host), (uint16_t)from->port,
				 &host->target, err))
		return false;
	host->service.request = on_request;
	host->outside = outside;
	host->link = xstrdup(from->link);
	host->goal = (struct egress_goal){
		.target = &host->target,
		.tunnel = true,
		.by = egress_upstream_for(&outside->upstreams, true, &host->target),
	};
	fill_rules(&host->rules, from);
	host->ingress.turn = outside->wires.turn;
	host->ingress.connect = connect_host;
	host->ingress.peer_text = xasprintf("host %s", host->rules.authority);
	LIST_INIT(&host->ingress.idle);
	LIST_INIT(&host->ingress.busy);
	host->injects = *from->inject_header != '\0';
	if (host->injects)
		outside_inject_init(&host->inject, outside->wires.turn, keeper, from->inject_header,
				    from->inject_value);
	return true;
}

static bool load_authorities(struct outside *outside, int fd, struct err *err)
{
	auto_free char *pem = NULL;
	size_t len;
	if (!fd_read_all(fd, CA_BUNDLE_MAX, &pem, &len, err))
		return false;
	outside->wires.tls = tls_context_new_outside(pem, len, err);
	return outside->wires.tls != NULL;
}

struct outside *outside_new(struct turn *turn, struct egress_resolver **resolver,
			    struct keeper *keeper, const Capakit__Sidecar__V1__ServeOutside *serve,
			    int *fd, struct err *err)
{
	auto_fd int authorities = take_fd(fd);
	struct outside *outside = xcalloc(1, sizeof(*outside));
	outside->wires = (struct outside_wires){.turn = turn, .resolver = take_ptr(resolver)};
	egress_resolver_start(outside->wires.resolver, turn->loop);
	outside->hosts = xcalloc(serve->n_hosts + 1, sizeof(*outside->hosts));
	outside->n_hosts = serve->n_hosts;
	if (!load_authorities(outside, authorities, err) ||
	    !egress_upstreams_copy(&outside->upstreams, serve->upstreams, err))
		return NULL; // the process ends
	for (size_t i = 0; i < serve->n_hosts; i++)
		if (!fill_host(&outside->hosts[i], outside, keeper, serve->hosts[i], err))
			return NULL;
	return outside;
}
