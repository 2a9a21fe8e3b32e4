// SPDX-License-Identifier: GPL-3.0-or-later
/* Builds and sends the messages of sidecar.proto from the plan; sends and nothing else. */
#include "controller/app/sidecar_commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "controller/app/plan_outside.h"
#include "controller/app/sidecar_messages.h"

static void fill_endpoint(Capakit__Sidecar__V1__Endpoint *message,
			  const struct manifest_endpoint *endpoint)
{
	capakit__sidecar__v1__endpoint__init(message);
	message->path = endpoint->path;
	message->protocol = (char *)(uintptr_t)manifest_protocol_name(endpoint->protocol);
	message->http2 = endpoint->http2;
	message->max_body = endpoint->max_body;
}

static bool send_workload(struct app_sidecar *sidecar, struct err *err)
{
	const struct manifest_workload *manifest = sidecar->plan->manifest;
	Capakit__Sidecar__V1__Endpoint *endpoints =
		xcalloc(manifest->n_endpoints + 1, sizeof(*endpoints));
	Capakit__Sidecar__V1__Endpoint **list = xcalloc(manifest->n_endpoints + 1, sizeof(*list));
	for (size_t i = 0; i < manifest->n_endpoints; i++) {
		fill_endpoint(&endpoints[i], &manifest->endpoints[i]);
		list[i] = &endpoints[i];
	}
	Capakit__Sidecar__V1__ServeWorkload serve = CAPAKIT__SIDECAR__V1__SERVE_WORKLOAD__INIT;
	serve.workload = sidecar->plan->name;
	serve.n_endpoints = manifest->n_endpoints;
	serve.endpoints = list;
	sidecar_command command = SIDECAR_COMMAND(SERVE_WORKLOAD, serve_workload, &serve);
	bool ok = sidecar_send(&sidecar->process, &command, -1, err);
	free(list);
	free(endpoints);
	return ok;
}

static bool send_bridge(struct app_sidecar *sidecar, struct err *err)
{
	Capakit__Sidecar__V1__ServeBridge serve = CAPAKIT__SIDECAR__V1__SERVE_BRIDGE__INIT;
	sidecar_command command = SIDECAR_COMMAND(SERVE_BRIDGE, serve_bridge, &serve);
	return sidecar_send(&sidecar->process, &command, sidecar->bridge, err);
}

static bool send_connection(struct app *app, struct app_sidecar *sidecar, size_t i, struct err *err)
{
	const struct plan_connection *plan = &sidecar->plan->connections[i];
	Capakit__Sidecar__V1__Endpoint endpoint;
	Capakit__Sidecar__V1__AddConnection add = CAPAKIT__SIDECAR__V1__ADD_CONNECTION__INIT;
	fill_endpoint(&endpoint, plan->endpoint);
	endpoint.path = (char *)(uintptr_t)plan->path;
	add.callee_path = plan->endpoint->path;
	auto_free char *host = plan->outside ? plan_outside_host(plan->outside) : NULL;
	add.workload = host ? host : app->plan->workloads[plan->callee].name;
	add.outside = host != NULL;
	add.endpoint = &endpoint;
	add.link = app->plan->links[plan->link].name;
	add.timeout_ms = plan->timeout_ms;
	add.idle_timeout_ms = plan->idle_timeout_ms;
	add.retries = plan->retries;
	add.max_concurrent = plan->max_concurrent;
	sidecar_command command = SIDECAR_COMMAND(ADD_CONNECTION, add_connection, &add);
	return sidecar_send(&sidecar->process, &command, sidecar->connections[i], err);
}

static void fill_expose(Capakit__Sidecar__V1__Expose *message, const struct app *app,
			const struct plan_expose *expose)
{
	capakit__sidecar__v1__expose__init(message);
	message->public_path = expose->route->public_path;
	message->endpoint_path = expose->endpoint->path;
	message->link = app->plan->links[expose->link].name;
	message->workload = app->plan->workloads[expose->callee].name;
	message->protocol = (char *)(uintptr_t)manifest_protocol_name(expose->endpoint->protocol);
	message->allow_origins = expose->manifest->allow_origins;
	message->n_allow_origins = expose->manifest->n_allow_origins;
	message->max_body = expose->endpoint->max_body;
}

/* The user, root, the tester, the person behind sudo, and whom --allow-user names. */
static size_t allowed_uids(const struct app *app, uint32_t *uids)
{
	const struct app_options *options = app->options;
	size_t n = 0;
	uids[n++] = getuid();
	uids[n++] = 0;
	if (app->tester_uid)
		uids[n++] = app->tester_uid;
	const char *sudo = getenv("SUDO_UID");
	uint64_t uid;
	if (sudo && num_parse_u64(sudo, strlen(sudo), UINT32_MAX - 1, &uid))
		uids[n++] = (uint32_t)uid;
	for (size_t i = 0; i < options->n_allow_uids; i++)
		uids[n++] = options->allow_uids[i];
	return n;
}

static bool send_edge(struct app *app, struct err *err)
{
	size_t count = app->plan->n_exposes;
	Capakit__Sidecar__V1__Expose *exposes = xcalloc(count + 1, sizeof(*exposes));
	Capakit__Sidecar__V1__Expose **list = xcalloc(count + 1, sizeof(*list));
	uint32_t *uids = xcalloc(app->options->n_allow_uids + 4, sizeof(*uids));
	for (size_t i = 0; i < count; i++) {
		fill_expose(&exposes[i], app, &app->plan->exposes[i]);
		list[i] = &exposes[i];
	}
	Capakit__Sidecar__V1__ServeEdge serve = CAPAKIT__SIDECAR__V1__SERVE_EDGE__INIT;
	serve.n_exposes = count;
	serve.exposes = list;
	serve.address = app->address;
	serve.port = app->port;
	serve.n_allow_uids = allowed_uids(app, uids);
	serve.allow_uids = uids;
	sidecar_command command = SIDECAR_COMMAND(SERVE_EDGE, serve_edge, &serve);
	bool ok = sidecar_send(&app->edge.process, &command, app->edge.edge, err);
	free(uids);
	free(list);
	free(exposes);
	return ok;
}

/* ---- hosts outside ---- */

static void fill_outside(Capakit__Sidecar__V1__OutsideHost *to, const struct plan_link *link,
			 const struct manifest_connection *from)
{
	capakit__sidecar__v1__outside_host__init(to);
	to->link = link->name;
	to->host = from->host;
	to->port = from->port;
	to->methods = from->methods;
	to->n_methods = from->n_methods;
	to->paths = from->paths;
	to->n_paths = from->n_paths;
	if (from->inject.header) {
		to->inject_header = from->inject.header;
		to->inject_value = from->inject.value;
	}
}

static int open_authorities(const struct app *app, struct err *err)
{
	if (!app->ca_bundle) {
		err_set(err, ERR_MISSING,
			"this host has no list of certificate authorities to trust; install the "
			"package ca-certificates");
		return -1;
	}
	int fd = open(app->ca_bundle, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err_sys(err, errno, "cannot open %s", app->ca_bundle);
	return fd;
}

static bool send_outside(struct app *app, struct app_sidecar *sidecar, struct err *err)
{
	const struct plan_workload *workload = sidecar->plan->outside_of;
	struct sidecar_upstreams upstreams;
	Capakit__Sidecar__V1__OutsideHost *hosts =
		xcalloc(workload->n_connections + 1, sizeof(*hosts));
	Capakit__Sidecar__V1__OutsideHost **list =
		xcalloc(workload->n_connections + 1, sizeof(*list));
	Capakit__Sidecar__V1__ServeOutside serve = CAPAKIT__SIDECAR__V1__SERVE_OUTSIDE__INIT;
	for (size_t i = 0; i < workload->n_connections; i++) {
		const struct plan_connection *connection = &workload->connections[i];
		if (!connection->outside)
			continue;
		list[serve.n_hosts] = &hosts[serve.n_hosts];
		fill_outside(list[serve.n_hosts++], &app->plan->links[connection->link],
			     connection->outside);
	}
	serve.hosts = list;
	serve.upstreams = sidecar_fill_upstreams(&upstreams, &app->upstreams);
	sidecar_command command = SIDECAR_COMMAND(SERVE_OUTSIDE, serve_outside, &serve);
	auto_fd int authorities = open_authorities(app, err);
	bool ok = authorities >= 0 && sidecar_send(&sidecar->process, &command, authorities, err);
	free(list);
	free(hosts);
	return ok;
}

bool sidecar_configure(struct app *app, struct app_sidecar *sidecar, struct err *err)
{
	if (!sidecar->plan)
		return sidecar_send_identity(&sidecar->process, CAPAKIT__SIDECAR__V1__ROLE__EDGE,
					     app->plan->edge_identity, PLAN_EDGE_NAME, false, err) &&
		       send_edge(app, err);
	if (sidecar->plan->outside_of)
		return sidecar_send_identity(&sidecar->process, CAPAKIT__SIDECAR__V1__ROLE__OUTSIDE,
					     sidecar->plan->identity, sidecar->plan->name, false,
					     err) &&
		       send_outside(app, sidecar, err);
	if (!sidecar_send_identity(&sidecar->process, CAPAKIT__SIDECAR__V1__ROLE__WORKLOAD,
				   sidecar->plan->identity, sidecar->plan->name, app->tests, err))
		return false;
	if (sidecar->plan->manifest && (!send_workload(sidecar, err) || !send_bridge(sidecar, err)))
		return false;
	for (size_t i = 0; i < sidecar->plan->n_connections; i++)
		if (!send_connection(app, sidecar, i, err))
			return false;
	return true;
}

bool sidecar_add_link(struct app_sidecar *sidecar, const struct plan_link *link, bool as_caller,
		      const char *peer, int fd, struct err *err)
{
	Capakit__Sidecar__V1__AddLink add = CAPAKIT__SIDECAR__V1__ADD_LINK__INIT;
	add.link = link->name;
	add.side = as_caller ? CAPAKIT__SIDECAR__V1__ADD_LINK__SIDE__CALLER
			     : CAPAKIT__SIDECAR__V1__ADD_LINK__SIDE__CALLEE;
	add.peer = (char *)(uintptr_t)peer;
	if (!as_caller) {
		add.n_paths = link->n_paths;
		add.paths = (char **)(uintptr_t)link->paths;
	}
	sidecar_command command = SIDECAR_COMMAND(ADD_LINK, add_link, &add);
	return sidecar_send(&sidecar->process, &command, fd, err);
}

static void fill_fault(Capakit__Sidecar__V1__Fault *message, const struct sidecar_fault *fault)
{
	static const Capakit__Sidecar__V1__Fault__Kind KINDS[] = {
		[FAULT_DOWN] = CAPAKIT__SIDECAR__V1__FAULT__KIND__DOWN,
		[FAULT_LATENCY] = CAPAKIT__SIDECAR__V1__FAULT__KIND__LATENCY,
		[FAULT_RESET] = CAPAKIT__SIDECAR__V1__FAULT__KIND__RESET,
		[FAULT_ERROR] = CAPAKIT__SIDECAR__V1__FAULT__KIND__ERROR,
		[FAULT_SIDECAR_KILLED] = CAPAKIT__SIDECAR__V1__FAULT__KIND__SIDECAR_KILLED,
	};
	capakit__sidecar__v1__fault__init(message);
	message->link = (char *)(uintptr_t)fault->link;
	message->kind = KINDS[fault->fault->kind];
	message->mid_stream = fault->fault->mid_stream;
	message->latency_ms = (uint32_t)fault->fault->latency_ms;
	message->status = fault->fault->status;
}

bool sidecar_set_faults(struct app_sidecar *sidecar, uint32_t serial,
			const struct sidecar_fault *faults, size_t count, struct err *err)
{
	Capakit__Sidecar__V1__SetFaults set = CAPAKIT__SIDECAR__V1__SET_FAULTS__INIT;
	auto_free Capakit__Sidecar__V1__Fault *messages = xcalloc(count + 1, sizeof(*messages));
	auto_free Capakit__Sidecar__V1__Fault **list = xcalloc(count + 1, sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		fill_fault(&messages[i], &faults[i]);
		list[i] = &messages[i];
	}
	set.serial = serial;
	set.n_faults = count;
	set.faults = list;
	sidecar_command command = SIDECAR_COMMAND(SET_FAULTS, set_faults, &set);
	return sidecar_send(&sidecar->process, &command, -1, err);
}

bool sidecar_watch_ready(struct app_sidecar *sidecar, uint32_t token, struct err *err)
{
	Capakit__Sidecar__V1__WatchReady watch = CAPAKIT__SIDECAR__V1__WATCH_READY__INIT;
	watch.token = token;
	sidecar_command command = SIDECAR_COMMAND(WATCH_READY, watch_ready, &watch);
	return sidecar_send(&sidecar->process, &command, -1, err);
}

bool sidecar_pause(struct app_sidecar *sidecar, uint32_t token, struct err *err)
{
	Capakit__Sidecar__V1__PauseWorkload pause = CAPAKIT__SIDECAR__V1__PAUSE_WORKLOAD__INIT;
	pause.token = token;
	sidecar_command command = SIDECAR_COMMAND(PAUSE_WORKLOAD, pause_workload, &pause);
	return sidecar_send(&sidecar->process, &command, -1, err);
}

bool sidecar_drain(struct app_sidecar *sidecar, struct err *err)
{
	Capakit__Sidecar__V1__Drain drain = CAPAKIT__SIDECAR__V1__DRAIN__INIT;
	sidecar_command command = SIDECAR_COMMAND(DRAIN, drain, &drain);
	return sidecar_send(&sidecar->process, &command, -1, err);
}
