// SPDX-License-Identifier: GPL-3.0-or-later
/* The app as a message of the control API; and its Stop, answered when everything is gone. */
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "capakit/control/v1/control.pb-c.h"
#include "controller/app/app.h"
#include "controller/app/app_status_limits.h"
#include "controller/app/urls.h"

typedef Capakit__Control__V1__App app_message;
typedef Capakit__Control__V1__Workload workload_message;
typedef Capakit__Control__V1__Route route_message;
typedef Capakit__Control__V1__Url url_message;

static char *shared(const char *text) // messages do not own their strings
{
	return (char *)(uintptr_t)text;
}

static Capakit__Control__V1__State state_of(const struct app *app)
{
	switch (app->state) {
	case APP_PREPARING:
	case APP_STARTING:
		return CAPAKIT__CONTROL__V1__STATE__STARTING;
	case APP_RUNNING:
		return CAPAKIT__CONTROL__V1__STATE__RUNNING;
	default:
		return CAPAKIT__CONTROL__V1__STATE__STOPPING;
	}
}

static Capakit__Control__V1__State workload_state(const struct app *app,
						  const struct app_workload *workload)
{
	if (app->state >= APP_STOPPING)
		return CAPAKIT__CONTROL__V1__STATE__STOPPING;
	if (workload->ready)
		return CAPAKIT__CONTROL__V1__STATE__RUNNING;
	if (workload->restarts && !workload->sandbox.pid)
		return CAPAKIT__CONTROL__V1__STATE__FAILED;
	return CAPAKIT__CONTROL__V1__STATE__STARTING;
}

/* NULL when the workload's `start` has no egress sidecar. */
static Capakit__Control__V1__Egress *egress_of(const struct app_workload *workload)
{
	if (workload->plan->start->network != POLICY_NET_EGRESS)
		return NULL;
	Capakit__Control__V1__Egress *message = xcalloc(1, sizeof(*message));
	struct app_egress_counters counters = app_egress_count(&workload->egress);
	capakit__control__v1__egress__init(message);
	message->pid = workload->egress.process.pid;
	message->connections = counters.connections;
	message->refused = counters.refused;
	message->failed = counters.failed;
	message->bytes_up = counters.bytes_up;
	message->bytes_down = counters.bytes_down;
	return message;
}

static void fill_workload(const struct app *app, const struct app_workload *workload,
			  workload_message *message)
{
	const struct manifest_workload *manifest = workload->plan->manifest;
	capakit__control__v1__workload__init(message);
	message->key = workload->plan->name;
	message->state = workload_state(app, workload);
	message->sandbox_pid = workload->sandbox.pid;
	message->sidecar_pid = workload->sidecar.process.pid;
	message->restarts = workload->restarts;
	message->started_at_unix_ms = workload->started_at_ms;
	if (workload->reason)
		message->reason = workload->reason;
	message->egress = egress_of(workload);
	app_status_add_limits(workload, message);
	message->endpoints = xcalloc(manifest->n_endpoints + 1, sizeof(char *));
	for (size_t i = 0; i < manifest->n_endpoints; i++)
		message->endpoints[message->n_endpoints++] = manifest->endpoints[i].path;
}

static void fill_route(const struct app *app, const struct app_link *link, route_message *message)
{
	const struct plan_link *plan = link->plan;
	capakit__control__v1__route__init(message);
	message->caller = plan->caller == PLAN_EDGE ? shared(PLAN_EDGE_NAME)
						    : plan_caller(app->plan, plan->caller)->name;
	message->callee = plan->callee_name;
	message->n_endpoints = plan->n_paths;
	message->endpoints = (char **)(uintptr_t)plan->paths;
	message->up = link->up;
	message->renewals = link->made ? link->made - 1 : 0;
}

static void fill_url(const struct app *app, const struct plan_expose *expose, url_message *message)
{
	capakit__control__v1__url__init(message);
	message->protocol = shared(manifest_protocol_name(expose->endpoint->protocol));
	message->endpoint = expose->route->public_path;
	message->url = app_url(app, expose);
}

static void fill_host_service(const struct app *app, const struct host_service *service,
			      Capakit__Control__V1__HostService *message)
{
	(void)app;
	capakit__control__v1__host_service__init(message);
	message->name = service->name;
	message->host = service->host;
	message->address = shared(service->text);
	message->port = service->port;
}

static void fill_app(struct app *app, app_message *message)
{
	message->name = app->name;
	message->run_id = app->run_id;
	message->kit_path = app->kits[0].source.name;
	message->state = state_of(app);
	message->started_at_unix_ms = app->started_at_ms;
	message->controller_pid = getpid();
	message->profile = shared(app->inputs.profile);
	message->log_folder = app->log_path;
}

/* Every list as a block of messages and the pointers to them, as protobuf-c wants them. */
#define MAKE_LIST(message, list, count, type, fill, items)                                         \
	do {                                                                                       \
		type *block_ = xcalloc((count) + 1, sizeof(*block_));                              \
		(message)->list = xcalloc((count) + 1, sizeof(type *));                            \
		for (size_t i_ = 0; i_ < (count); i_++) {                                          \
			fill(app, &(items)[i_], &block_[i_]);                                      \
			(message)->list[i_] = &block_[i_];                                         \
		}                                                                                  \
		(message)->list[count] = block_; /* to free it, also when it is empty */           \
		(message)->n_##list = (count);                                                     \
	} while (0)

static void free_lists(app_message *message)
{
	for (size_t i = 0; i < message->n_workloads; i++) {
		free(message->workloads[i]->endpoints);
		free(message->workloads[i]->egress);
		app_status_free_limits(message->workloads[i]);
	}
	for (size_t i = 0; i < message->n_urls; i++)
		free(message->urls[i]->url);
	free(message->workloads[message->n_workloads]);
	free(message->routes[message->n_routes]);
	free(message->urls[message->n_urls]);
	free(message->host_services[message->n_host_services]);
	free(message->host_services);
	free(message->workloads);
	free(message->routes);
	free(message->urls);
}

void app_on_status(void *owner, struct grpc_call *call)
{
	struct app *app = owner;
	Capakit__Control__V1__GetStatusResponse response =
		CAPAKIT__CONTROL__V1__GET_STATUS_RESPONSE__INIT;
	app_message message = CAPAKIT__CONTROL__V1__APP__INIT;
	response.app = &message;
	fill_app(app, &message);
	MAKE_LIST(&message, workloads, app->plan->n_workloads, workload_message, fill_workload,
		  app->workloads);
	MAKE_LIST(&message, routes, app->plan->n_links, route_message, fill_route, app->links);
	MAKE_LIST(&message, host_services, app->options->n_host_services,
		  Capakit__Control__V1__HostService, fill_host_service,
		  app->options->host_services);
	MAKE_LIST(&message, urls, app->plan->n_exposes, url_message, fill_url, app->plan->exposes);
	grpc_call_reply(call, &response.base);
	free_lists(&message);
}

void app_on_stop(void *owner, uint32_t grace_ms, struct grpc_call *call)
{
	struct app *app = owner;
	if (app->n_stop_calls == APP_STOP_CALLS_MAX) {
		grpc_call_fail(call, GRPC_RESOURCE_EXHAUSTED, "too many wait for its end already");
		return;
	}
	app->stop_calls[app->n_stop_calls++] = call;
	if (app->state < APP_RUNNING) // who waits for it to be ready waits in vain
		err_set(&app->failure, ERR_CLOSED, "app %s was stopped before it was ready",
			app->name);
	app_stop(app, grace_ms ? grace_ms : app->options->stop_grace_ms);
}
