// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A workload that a person restarts: requests that are under way may end, then it is asked to end
 * as at `down`, killed when it does not, and started again at once. That counts as a restart and
 * not as a failure.
 */
#include <signal.h>

#include "base/log.h"
#include "base/mem.h"
#include "capakit/control/v1/control.pb-c.h"
#include "controller/app/app.h"
#include "controller/app/sidecar_commands.h"

#define REASON "was restarted by a person"

static struct app_workload *find(struct app *app, const char *name)
{
	for (size_t i = 0; i < app->plan->n_workloads; i++)
		if (str_eq(app->workloads[i].plan->name, name))
			return &app->workloads[i];
	return NULL;
}

static void enter(struct app_workload *workload, enum app_restart state)
{
	workload->restarting = state;
	loop_timer_start(&workload->grace, workload->app->options->stop_grace_ms);
}

static void ask_to_end(struct app_workload *workload)
{
	enter(workload, APP_RESTART_ENDING);
	sandbox_signal(&workload->sandbox, SIGTERM);
}

static void on_grace(struct loop_timer *timer)
{
	struct app_workload *workload = container_of(timer, struct app_workload, grace);
	if (workload->restarting == APP_RESTART_PAUSED)
		ask_to_end(workload);
	else
		sandbox_signal(&workload->sandbox, SANDBOX_KILL);
}

/* One that is not ready, or whose sidecar is not there, has no requests. */
static bool pause_requests(struct app_workload *workload)
{
	struct err err;
	if (!workload->ready || !workload->sidecar.configured ||
	    workload->plan->manifest->n_endpoints == 0)
		return false;
	if (sidecar_pause(&workload->sidecar, workload->token, &err))
		return true;
	log_warn("cannot let the requests of workload %s end: %s", workload->plan->name, err.text);
	return false;
}

void app_on_restart(void *owner, const char *name, struct grpc_call *call)
{
	struct app *app = owner;
	struct app_workload *workload = app->state == APP_RUNNING ? find(app, name) : NULL;
	if (app->state != APP_RUNNING) {
		grpc_call_fail(call, GRPC_UNAVAILABLE,
			       "the app is not running yet, or not any more");
		return;
	}
	if (!workload) {
		grpc_call_fail(call, GRPC_NOT_FOUND, "the app has no such workload");
		return;
	}
	if (workload->restart_call) {
		grpc_call_fail(call, GRPC_RESOURCE_EXHAUSTED, "it is being restarted already");
		return;
	}
	workload->restart_call = call;
	if (!workload->sandbox.pid) { // it had ended by itself, and waits
		loop_timer_start(&workload->restart, 0);
		return;
	}
	loop_timer_stop(&workload->start_timeout);
	loop_timer_init(&workload->grace, app->loop, on_grace);
	if (pause_requests(workload))
		enter(workload, APP_RESTART_PAUSED);
	else
		ask_to_end(workload);
}

void app_restart_paused(struct app_workload *workload, uint32_t token)
{
	if (workload->restarting == APP_RESTART_PAUSED && workload->token == token)
		ask_to_end(workload);
}

bool app_restart_ended(struct app_workload *workload)
{
	if (workload->restarting == APP_RESTART_NONE)
		return false;
	workload->restarting = APP_RESTART_NONE;
	loop_timer_stop(&workload->grace);
	workload->failures = 0;
	workload->restarts++;
	free(workload->reason);
	workload->reason = xstrdup(REASON);
	loop_timer_start(&workload->restart, 0);
	return true;
}

void app_restart_done(struct app_workload *workload)
{
	Capakit__Control__V1__RestartWorkloadResponse response =
		CAPAKIT__CONTROL__V1__RESTART_WORKLOAD_RESPONSE__INIT;
	struct grpc_call *call = take_ptr(&workload->restart_call);
	if (call)
		grpc_call_reply(call, &response.base);
}

void app_restart_failed(struct app_workload *workload, const char *why)
{
	struct grpc_call *call = take_ptr(&workload->restart_call);
	if (workload->restarting != APP_RESTART_NONE)
		loop_timer_stop(&workload->grace);
	workload->restarting = APP_RESTART_NONE;
	if (call)
		grpc_call_fail(call, GRPC_FAILED_PRECONDITION, why);
}
