// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Runs the prepare phases whose layers are not there yet, all at once, each in a sandbox of its
 * own with, where it has network, an egress sidecar that lives exactly as long. What a phase wrote
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
#include "controller/app/sidecar_commands.h"
#include "controller/store/layer.h"

struct app_prepare {
	struct app *app;
	size_t index;
	const struct plan_workload *plan;
	struct sandbox sandbox;
	struct sidecar egress;
	struct log_writer *log;
	char *name; // "prepare of workload editor"
};

static bool failed(struct app_prepare *prepare, struct err *err)
{
	app_fail(prepare->app, prepare->log, prepare->plan->name, err);
	return false;
}

/* ---- the way out ---- */

static void on_egress_event(void *owner, const sidecar_event *event)
{
	struct app_prepare *prepare = owner;
	if (event->kind_case == CAPAKIT__SIDECAR__V1__EVENT__KIND_CONFIGURED)
		sandbox_proceed(&prepare->sandbox);
}

static void on_egress_ended(void *owner, int wait_status)
{
	struct app_prepare *prepare = owner;
	struct app *app = prepare->app;
	if (app->state == APP_PREPARING && prepare->sandbox.pid) {
		struct err why;
		char text[EXIT_TEXT_MAX];
		exit_text(wait_status, text);
		err_set(&why, ERR_SYSTEM, "the egress sidecar for the %s %s", prepare->name, text);
		app_fail(app, app->log, LOG_OWN_NAME, &why);
	} else if (app->state >= APP_STOPPING) {
		app_check_ended(app);
	}
}

static const struct sidecar_callbacks egress_callbacks = {.event = on_egress_event,
							  .ended = on_egress_ended};

static bool start_egress(struct app_prepare *prepare, int listener, struct err *err)
{
	struct app *app = prepare->app;
	const struct manifest_network *network =
		&prepare->plan->manifest->phases[PHASE_PREPARE].network;
	struct sidecar_start start = {
		.program = app->sidecar_program,
		.keeper = -1,
		.view = app->edge.view,
		.log = app->log_pipe,
		.uid = app->uids ? app->uids[2 * app->plan->n_workloads + 1 + prepare->index] : 0,
	};
	return sidecar_start(&prepare->egress, app->loop, &start, &egress_callbacks, prepare,
			     err) &&
	       sidecar_configure_egress(&prepare->egress, &app->inputs, network, prepare->name,
					listener, err);
}

static void on_listener(void *owner, int fd)
{
	struct app_prepare *prepare = owner;
	auto_fd int listener = fd;
	struct err err;
	if (!start_egress(prepare, listener, &err)) {
		err_prefix(&err, "cannot start the egress sidecar for the %s", prepare->name);
		failed(prepare, &err);
	}
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

static void on_ended(void *owner, int wait_status)
{
	struct app_prepare *prepare = owner;
	struct app *app = prepare->app;
	struct err err;
	sidecar_close(&prepare->egress);
	if (app->state >= APP_STOPPING) {
		app_check_ended(app);
		return;
	}
	if (wait_status != 0) {
		char text[EXIT_TEXT_MAX];
		exit_text(wait_status, text);
		err_set(&err, ERR_SYSTEM,
			"the %s %s; `capakit logs %s` shows all that it said, and which hosts it "
			"was refused",
			prepare->name, text, app->name);
		failed(prepare, &err);
	} else if (!publish(prepare, &err)) {
		failed(prepare, &err);
	} else if (--app->n_preparing == 0) {
		app_start_all(app);
	}
}

static const struct sandbox_callbacks callbacks = {.listener = on_listener, .ended = on_ended};

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
	prepare->name = xasprintf("prepare of workload %s", key);
	prepare->log = log_writer_open(app->log_dir, log_name, err);
	app_progress("preparing workload", key);
	return prepare->log && app_folders_layer(app, key, "prepare", err) &&
	       sandbox_start(&prepare->sandbox, app->loop, app->sandbox_program,
			     prepare->plan->prepare, prepare->log, &callbacks, prepare, err);
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
		sidecar_close(&app->prepares[i].egress);
	}
}

bool app_prepare_running(const struct app *app)
{
	for (size_t i = 0; i < app->n_prepares; i++)
		if (app->prepares[i].sandbox.pid || app->prepares[i].egress.pid)
			return true;
	return false;
}

void app_prepare_free(struct app *app)
{
	for (size_t i = 0; i < app->n_prepares; i++) {
		log_writer_free(&app->prepares[i].log);
		free(app->prepares[i].name);
	}
	free(app->prepares);
	app->prepares = NULL;
	app->n_prepares = 0;
}
