// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The life of an app from its first line to its last: set up, open, run the loop, close. Each
 * step that fails leaves what was made to the same closing.
 */
#include "controller/app/app.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "capakit/control/v1/control.pb-c.h"
#include "controller/control/app_folder.h"
#include "controller/sandbox/profile.h"

#define CONTROL_BACKLOG 16

static void init_sidecar(struct app *app, struct app_sidecar *sidecar,
			 const struct plan_workload *plan)
{
	sidecar->app = app;
	sidecar->plan = plan;
	sidecar->view = sidecar->ingress = sidecar->bridge = sidecar->edge = -1;
	if (!plan)
		return;
	sidecar->connections = xcalloc(plan->n_connections + 1, sizeof(int));
	for (size_t i = 0; i < plan->n_connections; i++)
		sidecar->connections[i] = -1;
}

static bool make_parts(struct app *app, struct err *err)
{
	struct plan *plan = app->plan;
	app->workloads = xcalloc(plan->n_workloads, sizeof(*app->workloads));
	for (size_t i = 0; i < plan->n_workloads; i++) {
		struct app_workload *workload = &app->workloads[i];
		workload->app = app;
		workload->plan = &plan->workloads[i];
		init_sidecar(app, &workload->sidecar, workload->plan);
		workload->log = log_writer_open(app->log_dir, workload->plan->name, err);
		if (!workload->log)
			return false;
	}
	app->outsides = xcalloc(plan->n_outsides + 1, sizeof(*app->outsides));
	for (size_t i = 0; i < plan->n_outsides; i++)
		init_sidecar(app, &app->outsides[i], &plan->outsides[i]);
	if (plan->tester.n_connections)
		init_sidecar(app, &app->tester, &plan->tester);
	app->links = xcalloc(plan->n_links + 1, sizeof(*app->links));
	for (size_t i = 0; i < plan->n_links; i++)
		app->links[i].plan = &plan->links[i];
	return true;
}

/* Lines of our own processes, already stamped, from the pipe that is their standard error. */
bool app_read_log(struct app *app)
{
	static uint8_t block[16 * KIB];
	ssize_t n = read(app->log_pipe_read, block, sizeof(block));
	if (n > 0)
		log_writer_feed(app->log, LOG_STREAM_OWN, block, (size_t)n);
	return n > 0;
}

static void on_log(struct loop_io *io, int events)
{
	app_read_log(container_of(io, struct app, log_io));
}

/* Whoever reads the log later knows what the workloads ran in. */
static void log_profile(struct app *app)
{
	const char *profile = app->inputs.profile;
	if (!profile_is_weaker(profile))
		return;
	auto_free char *line =
		xasprintf("profile %s: the sandboxes are WEAKER than %s, for debugging\n", profile,
			  PROFILE_DEFAULT);
	log_writer_feed(app->log, LOG_STREAM_OWN, line, strlen(line));
}

static bool open_log(struct app *app, struct err *err)
{
	int ends[2];
	app->log = log_writer_open(app->log_dir, LOG_OWN_NAME, err);
	if (!app->log)
		return false;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe for the log");
	app->log_pipe_read = ends[0];
	app->log_pipe = ends[1];
	loop_io_init(&app->log_io, app->loop, app->log_pipe_read, on_log);
	loop_io_want(&app->log_io, LOOP_READ);
	log_profile(app);
	return fd_set_nonblocking(app->log_pipe_read, err);
}

static bool open_control(struct app *app, struct err *err)
{
	static const struct control_handlers handlers = {
		.status = app_on_status,
		.stop = app_on_stop,
		.restart = app_on_restart,
		.revoke = app_on_revoke,
	};
	int listener = fd_listen_unix(app->runtime_dir, CONTROL_SOCKET, 0600, CONTROL_BACKLOG, err);
	if (listener < 0)
		return false;
	app->control = control_service_new(app->loop, listener, getuid(), &handlers, app);
	return true;
}

/* So that `logs` and `down` know the app by its folder; written only when it changed. */
static bool write_note(struct app *app, struct err *err)
{
	struct app_note note = {0};
	struct err none_yet;
	bool same = app_note_read(app->app_state_dir, &note, &none_yet) &&
		    str_eq(note.name, app->name) && str_eq(note.kit_path, app->kits[0].source.name);
	app_note_free(&note);
	return same || app_note_write(app->app_state_dir, app->name, app->kits[0].source.name, err);
}

static bool open_app(struct app *app, struct err *err)
{
	const struct app_options *options = app->options;
	return app_setup(app, err) && options->confirm(options->owner, app->plan, err) &&
	       app_folders_lock(app, err) && make_parts(app, err) && open_log(app, err) &&
	       app_folders_make(app, err) &&
	       (app->exec || (write_note(app, err) && app_sidecars_open(app, err) &&
			      open_control(app, err))); // a command is no app to ask for
}

static void on_keeper_ended(void *owner, const struct err *why)
{
	struct app *app = owner;
	struct err err;
	err_set(&err, ERR_SYSTEM, "the keeper is gone: %s", why->text);
	app_fail(app, app->log, LOG_OWN_NAME, &err);
}

/* Answers whoever asked for the stop when there is nothing left but this process. */
static void answer_stop(struct app *app)
{
	Capakit__Control__V1__StopResponse response = CAPAKIT__CONTROL__V1__STOP_RESPONSE__INIT;
	for (size_t i = 0; i < app->n_stop_calls; i++)
		grpc_call_reply(app->stop_calls[i], &response.base);
	app->n_stop_calls = 0;
	control_service_free(&app->control);
}

/* It ends by itself when its channel is closed. */
static void end_keeper(struct app *app)
{
	keeper_client_free(&app->keeper);
	while (waitpid(app->keeper_pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void close_app(struct app *app)
{
	app_state_stop(app);
	end_keeper(app);
	app_sidecars_free(app);
	app_prepare_free(app);
	app_tests_free(app);
	app_exec_free(app);
	loop_io_stop(&app->log_io);
	while (app->log && app_read_log(app)) // the last words of our processes
		;
	fd_close(&app->log_pipe);
	fd_close(&app->log_pipe_read);
	app_workloads_free(app);
	log_writer_free(&app->log);
	app_folders_close(app);
	answer_stop(app);
	free(app->links);
	free(app->outsides);
	app_setup_free(app);
}

void app_init(struct app *app, const struct app_options *options)
{
	*app = (struct app){
		.options = options,
		.started_at_ms = clock_wall_ms(),
		.state_dir = -1,
		.runtime_root = -1,
		.run_root = -1,
		.apps_root = -1,
		.app_state_dir = -1,
		.log_dir = -1,
		.run_dir = -1,
		.runtime_dir = -1,
		.lock = -1,
		.run_lock = -1,
		.ids = -1,
		.store_lock = -1,
		.log_pipe = -1,
		.log_pipe_read = -1,
	};
	init_sidecar(app, &app->edge, NULL);
	init_sidecar(app, &app->tester, NULL);
}

void app_run(const struct app_options *options, struct loop *loop, const struct app_keeper *keeper,
	     struct err *result)
{
	struct app app;
	app_init(&app, options);
	app.loop = loop;
	app.keeper_pid = keeper->pid;
	struct err err = {0};
	app_state_init(&app);
	app.keeper = keeper_client_new(loop, keeper->channel, on_keeper_ended, &app);
	if (open_app(&app, &err)) {
		if (app.exec)
			app_exec_start(&app);
		else if (app_tests_need_app(&app))
			app_secrets_check(&app);
		else
			app_prepare_start(&app);
		if (app.state != APP_ENDED)
			loop_run(loop);
		err = app.failure;
		if (err.code == ERR_NONE && app.interrupted)
			err_set(&err, ERR_CANCELLED, "interrupted");
	}
	close_app(&app);
	*result = err;
}
