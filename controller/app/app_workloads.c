// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The sandboxes in which workloads run. Before the app runs, a workload that ends has failed the
 * app; afterwards it is started again, later and later.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "controller/app/app.h"
#include "controller/app/backoff.h"
#include "controller/app/exit_text.h"
#include "controller/app/plan_environment.h"
#include "controller/app/sidecar_commands.h"

static const char *key_of(const struct app_workload *workload)
{
	return workload->plan->name;
}

static void start(struct app_workload *workload);

static void on_ended(void *owner, int wait_status)
{
	struct app_workload *workload = owner;
	struct app *app = workload->app;
	char text[SANDBOX_END_MAX];
	loop_timer_stop(&workload->start_timeout);
	loop_timer_stop(&workload->steady);
	workload->ready = false;
	app_egress_end(&workload->egress);
	if (app->state >= APP_STOPPING) {
		app_restart_failed(workload, "the app is stopping");
		app_check_ended(app);
		return;
	}
	if (app_restart_ended(workload))
		return;
	workload->hit = sandbox_explain_end(&workload->sandbox, &workload->plan->resources,
					    wait_status, text);
	if (app->state != APP_RUNNING) {
		struct err why;
		err_set(&why, ERR_SYSTEM, "workload %s %s%s", key_of(workload), text,
			sandbox_has_run(&workload->sandbox) ? " before the app was ready" : "");
		app_fail(app, workload->log, key_of(workload), &why);
		return;
	}
	uint64_t delay = backoff_delay_ms(workload->failures++);
	workload->restarts++;
	free(workload->reason);
	workload->reason = xstrdup(text);
	log_warn("workload %s %s; starting it again in %u ms", key_of(workload), text,
		 (unsigned)delay);
	app_restart_failed(workload, text);
	loop_timer_start(&workload->restart, delay);
}

static void on_listener(void *owner, int fd)
{
	struct app_workload *workload = owner;
	app_egress_serve(&workload->egress, fd);
}

/* Without endpoints there is nothing else to wait for. */
static void on_executed(void *owner)
{
	struct app_workload *workload = owner;
	if (workload->plan->manifest->n_endpoints == 0)
		app_workload_ready(workload, workload->token);
}

static const struct sandbox_callbacks callbacks = {
	.listener = on_listener, .executed = on_executed, .ended = on_ended};

/* A socket that the last start left refuses connections, and some servers refuse to replace it. */
static void remove_old_socket(struct app_workload *workload)
{
	unlinkat(workload->sidecar.ingress, PLAN_INGRESS_SOCKET, 0);
}

static bool start_sandbox(struct app_workload *workload, struct err *err)
{
	struct app *app = workload->app;
	char presence[RUN_ID_HEX];
	if (!name_random_id(presence, err))
		return false;
	policy_set_env(workload->plan->start, "CAPAKIT_PRESENCE_ID", presence, "the Kit contract");
	remove_old_socket(workload);
	workload->token++;
	workload->ready = false;
	workload->started_at_ms = clock_wall_ms();
	auto_free char *group = xasprintf("%s.start.%u", workload->plan->name, workload->token);
	/* What filled the disk would fill it again: only then does a restart begin afresh. */
	if (workload->hit.any && workload->hit.resource == PLAN_DISK &&
	    !app_folders_layer(app, workload->plan->name, "start", err))
		return false;
	auto_fd int upper = app_folders_upper(app, workload->plan->name, "start", err);
	if (upper < 0)
		return false;
	struct sandbox_start start = {
		.program = app->sandbox_program,
		.policy = workload->plan->start,
		.log = workload->log,
		.cgroup = &app->cgroup,
		.cgroup_name = group,
		.limits = plan_resources_cgroup(&workload->plan->resources),
		.upper = upper,
		.max_disk = workload->plan->resources.limits[PLAN_DISK].value,
	};
	return sandbox_start(&workload->sandbox, app->loop, &start, &callbacks, workload, err);
}

static void start(struct app_workload *workload)
{
	struct app *app = workload->app;
	struct err err;
	if (!start_sandbox(workload, &err)) {
		err_prefix(&err, "cannot start workload %s", key_of(workload));
		app_fail(app, NULL, NULL, &err);
		return;
	}
	if (app->state == APP_STARTING)
		app_tell(app, APP_EVENT_BEGINS, workload->plan, PHASE_START, workload->log);
	loop_timer_start(&workload->start_timeout, app->options->start_timeout_ms);
	loop_timer_start(&workload->steady, BACKOFF_STEADY_MS);
}

static void on_restart(struct loop_timer *timer)
{
	struct app_workload *workload = container_of(timer, struct app_workload, restart);
	struct err err;
	start(workload);
	if (!app_workload_watch_ready(workload, &err))
		app_fail(workload->app, NULL, NULL, &err);
}

static void on_start_timeout(struct loop_timer *timer)
{
	struct app_workload *workload = container_of(timer, struct app_workload, start_timeout);
	struct app *app = workload->app;
	if (app->state == APP_RUNNING) {
		log_warn("workload %s does not listen; ending it", key_of(workload));
		sandbox_signal(&workload->sandbox, SANDBOX_KILL);
		return;
	}
	struct err why;
	err_set(&why, ERR_TIMEOUT,
		"workload %s was not ready within %.6g s: it must listen on the socket that "
		"CAPAKIT_WORKLOAD_INGRESS_BIND names (--start-timeout changes the limit)",
		key_of(workload), (double)app->options->start_timeout_ms / 1000);
	app_fail(app, workload->log, key_of(workload), &why);
}

static void on_steady(struct loop_timer *timer)
{
	container_of(timer, struct app_workload, steady)->failures = 0;
}

void app_workloads_start(struct app *app)
{
	struct err err;
	for (size_t i = 0; i < app->plan->n_workloads && app->state == APP_STARTING; i++) {
		struct app_workload *workload = &app->workloads[i];
		loop_timer_init(&workload->start_timeout, app->loop, on_start_timeout);
		loop_timer_init(&workload->restart, app->loop, on_restart);
		loop_timer_init(&workload->steady, app->loop, on_steady);
		app_egress_init(&workload->egress, app, workload->plan, PHASE_START,
				&workload->sandbox, NULL, NULL);
		if (!app_folders_layer(app, key_of(workload), "start", &err)) {
			app_fail(app, NULL, NULL, &err);
			return;
		}
		start(workload);
	}
}

bool app_workload_watch_ready(struct app_workload *workload, struct err *err)
{
	return workload->plan->manifest->n_endpoints == 0 ||
	       sidecar_watch_ready(&workload->sidecar, workload->token, err);
}

void app_workload_ready(struct app_workload *workload, uint32_t token)
{
	if (token != workload->token || !workload->sandbox.pid || workload->ready)
		return;
	workload->ready = true;
	loop_timer_stop(&workload->start_timeout);
	if (workload->app->state == APP_STARTING)
		app_tell(workload->app, APP_EVENT_DONE, workload->plan, PHASE_START, workload->log);
	app_restart_done(workload);
	app_check_running(workload->app);
}

bool app_workloads_ready(const struct app *app)
{
	for (size_t i = 0; i < app->plan->n_workloads; i++)
		if (!app->workloads[i].ready)
			return false;
	return true;
}

bool app_workloads_running(const struct app *app)
{
	for (size_t i = 0; app->workloads && i < app->plan->n_workloads; i++)
		if (app->workloads[i].sandbox.pid)
			return true;
	return false;
}

void app_workloads_signal(struct app *app, int number)
{
	for (size_t i = 0; app->workloads && i < app->plan->n_workloads; i++) {
		struct app_workload *workload = &app->workloads[i];
		loop_timer_stop(&workload->restart);
		loop_timer_stop(&workload->start_timeout);
		loop_timer_stop(&workload->steady);
		app_restart_failed(workload, "the app is stopping");
		sandbox_signal(&workload->sandbox, number);
	}
}

void app_workloads_free(struct app *app)
{
	for (size_t i = 0; app->workloads && i < app->plan->n_workloads; i++) {
		log_writer_free(&app->workloads[i].log);
		free(app->workloads[i].reason);
		app_egress_free(&app->workloads[i].egress);
	}
	free(app->workloads);
	app->workloads = NULL;
}
