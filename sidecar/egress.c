// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The proxy that stands between one phase with network and the world: it accepts, up to a maximum,
 * and keeps count. All decisions are in egress_policy.c, all states in egress_connection.c.
 */
#include "sidecar/egress.h"

#include <errno.h>
#include <string.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "sidecar/egress_connection.h"
#include "sidecar/egress_tally.h"

enum { ACCEPT_PAUSE_MS = 100 }; // when descriptors run out

struct egress {
	struct egress_setup setup;
	int listen_fd;
	struct loop_io listener;
	struct loop_timer again; // to accept again, or to say that it has drained
	struct egress_connection *connections[EGRESS_CONNECTIONS_MAX];
	size_t n_connections;
	struct egress_tally tally;
	struct loop_timer tell;
	egress_tally_fn *on_tally; // NULL: nobody watches
	void *tally_owner;
	egress_drained_fn *on_drained; // not NULL: no new connections
	void *drained_owner;
};

/* Soon, once for all that happens until then. */
static void tell_soon(struct egress *egress)
{
	if (egress->on_tally && !loop_timer_active(&egress->tell))
		loop_timer_start(&egress->tell, EGRESS_COUNTERS_MS);
}

static void on_tell(struct loop_timer *timer)
{
	struct egress *egress = container_of(timer, struct egress, tell);
	egress->on_tally(egress->tally_owner);
	if (egress->n_connections > 0) // a request may have come in a connection that is open
		loop_timer_start(timer, EGRESS_COUNTERS_MS);
}

static void want(struct egress *egress)
{
	bool full = egress->n_connections == EGRESS_CONNECTIONS_MAX;
	loop_io_want(&egress->listener, full || egress->on_drained ? 0 : LOOP_READ);
	if (egress->on_drained && egress->n_connections == 0)
		loop_timer_start(&egress->again, 0);
}

static void on_again(struct loop_timer *timer)
{
	struct egress *egress = container_of(timer, struct egress, again);
	if (egress->on_drained)
		egress->on_drained(egress->drained_owner);
	else
		want(egress);
}

static void on_ended(void *owner, struct egress_connection *connection)
{
	struct egress *egress = owner;
	for (size_t i = 0; i < egress->n_connections; i++) {
		if (egress->connections[i] != connection)
			continue;
		egress->connections[i] = egress->connections[--egress->n_connections];
		break;
	}
	egress_connection_free(&connection);
	tell_soon(egress);
	want(egress);
}

static void on_listener(struct loop_io *io, int events)
{
	struct egress *egress = container_of(io, struct egress, listener);
	auto_fd int fd = accept4(egress->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int on = 1;
	if (fd < 0 && errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
		return; // the client has gone already
	if (fd < 0) {
		log_warn("out of descriptors with %zu connections", egress->n_connections);
		loop_io_want(io, 0);
		loop_timer_start(&egress->again, ACCEPT_PAUSE_MS);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	egress->connections[egress->n_connections++] =
		egress_connection_new(&egress->setup, &fd, on_ended, egress);
	tell_soon(egress);
	want(egress);
}

static bool copy_address(struct egress_rule *to, const ProtobufCBinaryData *from, struct err *err)
{
	if (from->len == 0)
		return true;
	if (from->len != sizeof(to->address))
		return err_set(err, ERR_PROTOCOL, "an address of %zu bytes", from->len);
	to->is_service = true;
	memcpy(&to->address, from->data, sizeof(to->address));
	return true;
}

static bool copy_rule(struct egress_rule *to, const Capakit__Sidecar__V1__EgressRule *from,
		      struct err *err)
{
	if (from->port > UINT16_MAX)
		return err_set(err, ERR_PROTOCOL, "a rule of egress with port %u", from->port);
	to->port = (uint16_t)from->port;
	to->exempt = from->exempt;
	return (copy_address(to, &from->address, err) && egress_rule_check(to, err)) ||
	       err_prefix(err, "a rule of egress");
}

static bool copy_policy(struct egress_policy *to, const Capakit__Sidecar__V1__ServeEgress *from,
			struct err *err)
{
	if (from->n_rules > EGRESS_RULES_MAX)
		return err_set(err, ERR_LIMIT, "%zu rules of egress; at most %d", from->n_rules,
			       EGRESS_RULES_MAX);
	to->phase = xstrdup(from->phase);
	to->service_domain = xstrdup(from->service_domain);
	to->rules = xcalloc(from->n_rules + 1, sizeof(*to->rules));
	for (size_t i = 0; i < from->n_rules; i++) {
		to->rules[i].name = xstrdup(from->rules[i]->name);
		to->n_rules++;
		if (!copy_rule(&to->rules[i], from->rules[i], err))
			return false;
	}
	return true;
}

static void free_policy(struct egress_policy *policy)
{
	for (size_t i = 0; i < policy->n_rules; i++)
		free((char *)(uintptr_t)policy->rules[i].name);
	free(policy->rules);
	free((char *)(uintptr_t)policy->phase);
	free((char *)(uintptr_t)policy->service_domain);
}

struct egress *egress_new(struct loop *loop, struct egress_resolver **resolver, int *listen_fd,
			  const Capakit__Sidecar__V1__ServeEgress *serve, struct err *err)
{
	struct egress *egress = xcalloc(1, sizeof(*egress));
	egress->setup.loop = loop;
	egress->setup.resolver = take_ptr(resolver);
	egress->setup.tally = &egress->tally;
	egress->listen_fd = take_fd(listen_fd);
	egress_resolver_start(egress->setup.resolver, loop);
	loop_timer_init(&egress->again, loop, on_again);
	loop_timer_init(&egress->tell, loop, on_tell);
	loop_io_init(&egress->listener, loop, egress->listen_fd, on_listener);
	if (!copy_policy(&egress->setup.policy, serve, err) ||
	    !egress_upstreams_copy(&egress->setup.upstreams, serve->upstreams, err) ||
	    !fd_set_nonblocking(egress->listen_fd, err)) {
		egress_free(&egress);
		return NULL;
	}
	want(egress);
	return egress;
}

void egress_count(const struct egress *egress, struct egress_tally *tally)
{
	*tally = egress->tally;
	for (size_t i = 0; i < egress->n_connections; i++)
		egress_connection_count(egress->connections[i], tally);
}

void egress_watch(struct egress *egress, egress_tally_fn *on_tally, void *owner)
{
	egress->on_tally = on_tally;
	egress->tally_owner = owner;
}

static void log_summary(const struct egress *egress)
{
	struct egress_tally tally;
	egress_count(egress, &tally);
	if (tally.connections == 0)
		return;
	log_info("%s asked for %llu connections: %llu refused, %llu failed; %llu bytes up, %llu "
		 "down",
		 egress->setup.policy.phase, (unsigned long long)tally.connections,
		 (unsigned long long)tally.refused, (unsigned long long)tally.failed,
		 (unsigned long long)tally.bytes_up, (unsigned long long)tally.bytes_down);
}

void egress_drain(struct egress *egress, egress_drained_fn *on_drained, void *owner)
{
	egress->on_drained = on_drained;
	egress->drained_owner = owner;
	want(egress);
}

void egress_free(struct egress **egress)
{
	struct egress *done = take_ptr(egress);
	if (!done)
		return;
	loop_io_stop(&done->listener);
	loop_timer_stop(&done->again);
	loop_timer_stop(&done->tell);
	log_summary(done);
	for (size_t i = 0; i < done->n_connections; i++)
		egress_connection_free(&done->connections[i]);
	fd_close(&done->listen_fd);
	egress_resolver_free(&done->setup.resolver);
	free_policy(&done->setup.policy);
	egress_upstreams_free(&done->setup.upstreams);
	free(done);
}
