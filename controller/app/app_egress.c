// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Each start of a sandbox makes a new network namespace and with it a new listener, so the sidecar
 * of the last start goes with its sandbox. Two never live at once: they would be one user.
 */
#include "controller/app/app_egress.h"

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "controller/app/app.h"
#include "controller/app/backoff.h"
#include "controller/app/exit_text.h"
#include "controller/app/sidecar_messages.h"

static void on_event(void *owner, const sidecar_event *event)
{
	struct app_egress *egress = owner;
	if (event->kind_case == CAPAKIT__SIDECAR__V1__EVENT__KIND_CONFIGURED)
		sandbox_proceed(egress->sandbox);
	if (event->kind_case != CAPAKIT__SIDECAR__V1__EVENT__KIND_EGRESS_COUNTERS)
		return;
	const Capakit__Sidecar__V1__EgressCounters *counters = event->egress_counters;
	egress->now = (struct app_egress_counters){
		.connections = counters->connections,
		.refused = counters->refused,
		.failed = counters->failed,
		.bytes_up = counters->bytes_up,
		.bytes_down = counters->bytes_down,
	};
}

static void fail(struct app_egress *egress, const struct err *why)
{
	app_fail(egress->app, egress->app->log, LOG_OWN_NAME, why);
}

/* It ended while its sandbox runs. */
static void crashed(struct app_egress *egress, int wait_status)
{
	char text[EXIT_TEXT_MAX];
	exit_text(wait_status, text);
	if (egress->app->state == APP_RUNNING) {
		uint64_t delay = backoff_delay_ms(egress->restarts++);
		log_warn("the egress sidecar for the %s %s; restarting it in %u ms", egress->name,
			 text, (unsigned)delay);
		loop_timer_start(&egress->restart, delay);
		return;
	}
	struct err why;
	err_set(&why, ERR_SYSTEM, "the egress sidecar for the %s %s", egress->name, text);
	fail(egress, &why);
}

static void on_ended(void *owner, int wait_status);

static bool start_process(struct app_egress *egress, struct err *err)
{
	static const struct sidecar_callbacks callbacks = {.event = on_event, .ended = on_ended};
	struct app *app = egress->app;
	struct sidecar_start start = {
		.program = app->sidecar_program,
		.keeper = -1,
		.view = app->edge.view,
		.log = app->log_pipe,
		.uid = egress->plan->egress_uid,
	};
	egress->closing = false;
	return sidecar_start(&egress->process, app->loop, &start, &callbacks, egress, err) &&
	       sidecar_configure_egress(&egress->process, egress->plan->egress[egress->phase],
					&app->upstreams, egress->name, egress->listener, err);
}

static void start(struct app_egress *egress)
{
	struct err err;
	if (start_process(egress, &err))
		return;
	err_prefix(&err, "cannot start the egress sidecar for the %s", egress->name);
	fail(egress, &err);
}

static void on_restart(struct loop_timer *timer)
{
	start(container_of(timer, struct app_egress, restart));
}

static void on_ended(void *owner, int wait_status)
{
	struct app_egress *egress = owner;
	bool expected = egress->closing;
	egress->ended = app_egress_count(egress);
	egress->now = (struct app_egress_counters){0};
	if (egress->app->state >= APP_STOPPING)
		app_check_ended(egress->app);
	else if (egress->listener >= 0 && expected)
		start(egress); // for the next sandbox, which waits
	else if (egress->listener >= 0)
		crashed(egress, wait_status);
	else if (egress->on_gone)
		egress->on_gone(egress->owner);
}

void app_egress_init(struct app_egress *egress, struct app *app, const struct plan_workload *plan,
		     enum manifest_phase_name phase, struct sandbox *sandbox,
		     app_egress_gone_fn *on_gone, void *owner)
{
	*egress = (struct app_egress){
		.app = app,
		.plan = plan,
		.phase = phase,
		.sandbox = sandbox,
		.name = xasprintf("%s of workload %s", manifest_phase_text(phase), plan->name),
		.listener = -1,
		.on_gone = on_gone,
		.owner = owner,
	};
	loop_timer_init(&egress->restart, app->loop, on_restart);
}

void app_egress_serve(struct app_egress *egress, int listener)
{
	egress->listener = listener;
	if (!egress->process.pid)
		start(egress);
}

void app_egress_end(struct app_egress *egress)
{
	if (!egress->app)
		return;
	loop_timer_stop(&egress->restart);
	fd_close(&egress->listener);
	egress->closing = true;
	sidecar_close(&egress->process);
}

bool app_egress_running(const struct app_egress *egress)
{
	return egress->process.pid != 0;
}

struct app_egress_counters app_egress_count(const struct app_egress *egress)
{
	const struct app_egress_counters *a = &egress->ended, *b = &egress->now;
	return (struct app_egress_counters){
		.connections = a->connections + b->connections,
		.refused = a->refused + b->refused,
		.failed = a->failed + b->failed,
		.bytes_up = a->bytes_up + b->bytes_up,
		.bytes_down = a->bytes_down + b->bytes_down,
	};
}

void app_egress_free(struct app_egress *egress)
{
	app_egress_end(egress);
	free(egress->name);
	*egress = (struct app_egress){.listener = -1};
}
