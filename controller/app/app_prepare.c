// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Runs the prepare phases whose layers are not there yet, all at once, each in a sandbox of its
 * own with, where it has network, an egress sidecar that lives as long. What a phase wrote
 * is published as a layer only when it ended with status 0.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/app/app.h"
#include "controller/app/exit_text.h"
#include "controller/store/layer.h"

struct app_prepare {
	struct app *app;
	size_t index;
	const struct plan_workload *plan;
	struct sandbox sandbox;
	struct app_egress egress;
	struct log_writer *log;
	int wait_status; // of the sandbox, when it has ended
};

static bool failed(struct app_prepare *prepare, struct err *err)
{
	app_fail(prepare->app, prepare->log, prepare->plan->name, err);
	return false;
}

/* ---- the phase ---- */

static bool publish(struct app_prepare *prepare, struct err *err)
{
	struct app *app = prepare->app;
	auto_free char *folder = xasprintf("%s.prepare", prepare->plan->name);
	auto_fd int staging =
		path_open_beneath(app->run_dir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	return staging >= 0 &&
	       layer_publish(app->state_dir, staging, "upper", prepare->plan->layer, err);
}

/* The sandbox has ended, and its egress sidecar, whose user `start` takes over. */
static void finish(void *owner)
{
	struct app_prepare *prepare = owner;
	struct app *app = prepare->app;
	struct err err;
	if (prepare->wait_status != 0) {
		char text[LIMIT_HIT_TEXT_MAX];
		(void)sandbox_explain_end(&prepare->sandbox, &prepare->plan->resources,
					  prepare->wait_status, text);
		err_set(&err, ERR_SYSTEM,
			"the %s %s; `capakit logs %s` shows all that it said, and which hosts it "
			"was refused",
			prepare->egress.name, text, app->name);
		failed(prepare, &err);
	} else if (!publish(prepare, &err)) {
		failed(prepare, &err);
	} else if (--app->n_preparing == 0) {
		app_start_all(app);
	}
}

static void on_listener(void *owner, int fd)
{
	struct app_prepare *prepare = owner;
	app_egress_serve(&prepare->egress, fd);
}

static void on_ended(void *owner, int wait_status)
{
	struct app_prepare *prepare = owner;
	prepare->wait_status = wait_status;
	app_egress_end(&prepare->egress);
	if (prepare->app->state >= APP_STOPPING)
		app_check_ended(prepare->app);
	else if (!app_egress_running(&prepare->egress))
		finish(prepare);
}

static const struct sandbox_callbacks callbacks = {.listener = on_listener, .ended = on_ended};

static bool start_sandbox(struct app_prepare *prepare, const char *cgroup_name, struct err *err)
{
	struct app *app = prepare->app;
	const struct plan_resources *resources = &prepare->plan->resources;
	auto_fd int upper = app_folders_upper(app, prepare->plan->name, "prepare", err);
	if (upper < 0)
		return false;
	struct sandbox_start start = {
		.program = app->sandbox_program,
		.policy = prepare->plan->prepare,
		.log = prepare->log,
		.cgroup = &app->cgroup,
		.cgroup_name = cgroup_name,
		.limits = plan_resources_cgroup(resources),
		.upper = upper,
		.max_disk = resources->limits[PLAN_DISK].value,
	};
	return sandbox_start(&prepare->sandbox, app->loop, &start, &callbacks, prepare, err);
}

static bool start(struct app_prepare *prepare, struct err *err)
{
	struct app *app = prepare->app;
	const char *key = prepare->plan->name;
	const struct manifest_phase *phase = &prepare->plan->manifest->phases[PHASE_PREPARE];
	struct err registry;
	if (phase->network.kind == NETWORK_REGISTRIES && !app->registry.host) {
		struct registry unused;
		if (!registry_find(&app->toolchain, &unused, &registry))
			return err_set(err, registry.code, "%s", registry.text);
		registry_free(&unused);
	}
	auto_free char *log_name = xasprintf("%s.prepare", key);
	app_egress_init(&prepare->egress, app, prepare->plan, PHASE_PREPARE, &prepare->sandbox,
			finish, prepare);
	prepare->log = log_writer_open(app->log_dir, log_name, err);
	app_progress("preparing workload", key);
	return prepare->log && app_folders_layer(app, key, "prepare", err) &&
	       start_sandbox(prepare, log_name, err);
}

/* The same Kit at several places of the tree is prepared once. */
static bool is_preparing(const struct app *app, const char *layer)
{
	for (size_t i = 0; i < app->n_prepares; i++)
		if (str_eq(app->prepares[i].plan->layer, layer))
			return true;
	return false;
}

void app_prepare_start(struct app *app)
{
	struct err err;
	app->prepares = xcalloc(app->plan->n_workloads, sizeof(*app->prepares));
	for (size_t i = 0; i < app->plan->n_workloads; i++) {
		const struct plan_workload *plan = &app->plan->workloads[i];
		if (!plan->prepare || layer_exists(app->state_dir, plan->layer) ||
		    is_preparing(app, plan->layer))
			continue;
		struct app_prepare *prepare = &app->prepares[app->n_prepares++];
		*prepare = (struct app_prepare){.app = app, .index = i, .plan = plan};
		app->n_preparing++;
		if (!start(prepare, &err)) {
			err_prefix(&err, "workload %s", plan->name);
			failed(prepare, &err);
			return;
		}
	}
	if (app->n_preparing == 0)
		app_start_all(app);
}

void app_prepare_stop(struct app *app)
{
	for (size_t i = 0; i < app->n_prepares; i++) {
		sandbox_signal(&app->prepares[i].sandbox, SANDBOX_KILL);
		app_egress_end(&app->prepares[i].egress);
	}
}

bool app_prepare_running(const struct app *app)
{
	for (size_t i = 0; i < app->n_prepares; i++)
		if (app->prepares[i].sandbox.pid || app_egress_running(&app->prepares[i].egress))
			return true;
	return false;
}

void app_prepare_free(struct app *app)
{
	for (size_t i = 0; i < app->n_prepares; i++) {
		log_writer_free(&app->prepares[i].log);
		app_egress_free(&app->prepares[i].egress);
	}
	free(app->prepares);
	app->prepares = NULL;
	app->n_prepares = 0;
}
