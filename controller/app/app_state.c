// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * When an app is ready, when it has failed, and how it stops: requests end first, then the
 * workloads, then their sidecars. The order is the same whoever asks for it.
 */
#include <signal.h>

#include "base/log.h"
#include "base/mem.h"
#include "controller/app/app.h"

#define SIDECARS_END_MS 1000  // a sidecar exits when its channel is closed; else it is killed
#define SANDBOXES_END_MS 2000 // one that was killed waits for what is inside

void app_start_all(struct app *app)
{
	if (app->state != APP_PREPARING)
		return;
	if (!app_tests_prepared(app))
		return;
	app->state = APP_STARTING;
	/* Workloads take longest to start, so they go first; their sockets are there already. */
	app_workloads_start(app);
	if (app->state == APP_STARTING)
		app_sidecars_start(app);
	if (app->state == APP_STARTING)
		app_links_make(app);
	struct err err;
	for (size_t i = 0; app->state == APP_STARTING && i < app->plan->n_workloads; i++)
		if (!app_workload_watch_ready(&app->workloads[i], &err))
			app_fail(app, NULL, NULL, &err);
	app_check_running(app);
}

void app_check_running(struct app *app)
{
	if (app->state == APP_RUNNING)
		app_tests_go_on(app);
	if (app->state != APP_STARTING || !app_workloads_ready(app) ||
	    !app_sidecars_configured(app) || !app_links_up(app))
		return;
	app->state = APP_RUNNING;
	app_links_watch_renewal(app);
	log_info("app %s is running", app->name);
	app->options->ready(app->options->owner, app);
	app_tests_go_on(app);
}

void app_tell(struct app *app, enum app_event_kind kind, const struct plan_workload *workload,
	      enum manifest_phase_name phase, const struct log_writer *log)
{
	struct app_event event = {kind, workload->name, phase, log};
	app->options->event(app->options->owner, &event);
}

/* ---- stopping ---- */

void app_check_ended(struct app *app)
{
	if (app->state != APP_STOPPING || app_workloads_running(app) || app_prepare_running(app) ||
	    app_tests_running(app) || app_exec_running(app))
		return;
	if (!app_sidecars_running(app)) {
		app->state = APP_ENDED;
		loop_stop(app->loop);
	} else if (!loop_timer_active(&app->kill)) {
		app_sidecars_close(app);
		loop_timer_start(&app->kill, SIDECARS_END_MS);
	}
}

static void on_kill(struct loop_timer *timer)
{
	app_sidecars_kill(container_of(timer, struct app, kill));
}

static void kill_workloads(struct app *app)
{
	app->killed = true;
	app_workloads_signal(app, SANDBOX_KILL);
	loop_timer_start(&app->grace, SANDBOXES_END_MS);
}

static void on_grace(struct loop_timer *timer)
{
	struct app *app = container_of(timer, struct app, grace);
	if (app->killed) {
		app_workloads_signal(app, SIGKILL);
		return;
	}
	log_warn("app %s: workloads did not end in time; killing them", app->name);
	kill_workloads(app);
}

void app_stop(struct app *app, uint64_t grace_ms)
{
	if (app->state >= APP_STOPPING)
		return;
	bool running = app->state == APP_RUNNING;
	app->state = APP_STOPPING;
	app_links_stop(app);
	app_prepare_stop(app);
	app_tests_stop(app);
	app_exec_stop(app);
	if (running)
		app_sidecars_drain(app);
	app_workloads_signal(app, SIGTERM);
	loop_timer_start(&app->grace, grace_ms);
	app_check_ended(app);
}

void app_fail(struct app *app, const struct log_writer *log, const char *name,
	      const struct err *why)
{
	if (app->state >= APP_STOPPING)
		return;
	/* The end of a process may be heard of before its last words. */
	while (log && log == app->log && app_read_log(app))
		;
	app->failure = *why;
	struct app_event event = {APP_EVENT_FAILED, name, PHASE_COUNT, log};
	app->options->event(app->options->owner, &event);
	app_stop(app, app->options->stop_grace_ms);
}

static void interrupted(struct app *app, int number)
{
	if (app_exec_signal(app, number))
		return;
	app->interrupted = true;
	if (app->state >= APP_STOPPING) { // asked again: do not wait any longer
		kill_workloads(app);
		return;
	}
	app_stop(app, app->options->stop_grace_ms);
}

static void on_interrupt(struct loop_signal *watcher, int number)
{
	interrupted(container_of(watcher, struct app, interrupt), number);
}

static void on_terminate(struct loop_signal *watcher, int number)
{
	interrupted(container_of(watcher, struct app, terminate), number);
}

static void on_hangup(struct loop_signal *watcher, int number)
{
	interrupted(container_of(watcher, struct app, hangup), number);
}

/* A shell starts what shall outlive the terminal with SIGHUP ignored. */
static bool is_ignored(int number)
{
	struct sigaction now;
	return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void app_state_init(struct app *app)
{
	loop_timer_init(&app->grace, app->loop, on_grace);
	loop_timer_init(&app->kill, app->loop, on_kill);
	loop_signal_start(&app->interrupt, app->loop, SIGINT, on_interrupt);
	loop_signal_start(&app->terminate, app->loop, SIGTERM, on_terminate);
	if (!is_ignored(SIGHUP))
		loop_signal_start(&app->hangup, app->loop, SIGHUP, on_hangup);
	app_links_init(app);
}

void app_state_stop(struct app *app)
{
	loop_timer_stop(&app->grace);
	loop_timer_stop(&app->kill);
	loop_signal_stop(&app->interrupt);
	loop_signal_stop(&app->terminate);
	loop_signal_stop(&app->hangup);
	app_links_stop(app);
}
