// SPDX-License-Identifier: GPL-3.0-or-later
/* `capakit restart`: one workload of an app that runs, ended in order and started again. */
#include "base/mem.h"
#include "base/text.h"
#include "controller/cli/apps.h"
#include "controller/cli/cli.h"

#define PATIENCE_MS (3600 * 1000) // its own limits of time are those of the app's `up`

struct arguments {
	const char *app;
	const char *workload;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (!arguments->app)
			arguments->app = arg;
		else if (!arguments->workload)
			arguments->workload = arg;
		else
			argp_error(state, "only NAME and WORKLOAD can be given");
		return 0;
	case ARGP_KEY_END:
		if (!arguments->workload)
			argp_error(state, "give the NAME of the app and its WORKLOAD");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "NAME WORKLOAD",
	.doc = "Lets the requests of one workload of a running app end, ends it as `down` would, "
	       "starts it again, and returns when it is ready.",
};

static bool has_workload(const control_app *app, const char *name, struct err *err)
{
	auto_free const char **names = xcalloc(app->n_workloads + 1, sizeof(*names));

	for (size_t i = 0; i < app->n_workloads; i++) {
		names[i] = app->workloads[i]->key;
		if (str_eq(names[i], name))
			return true;
	}
	const char *near = text_nearest(name, names, app->n_workloads);
	if (near)
		return err_set(err, ERR_USAGE, "the app %s has no workload %s; did you mean %s?",
			       app->name, name, near);
	return err_set(err, ERR_USAGE, "the app %s has no workload %s; see `capakit status`",
		       app->name, name);
}

static bool restart(const struct running_app *app, const char *workload, struct err *err)
{
	const control_app *status = app->status->app;

	if (!has_workload(status, workload, err))
		return false;
	if (control_restart(app->folder, workload, PATIENCE_MS, err))
		return true;
	err->code = err->code == ERR_NO_APP ? ERR_NO_APP : ERR_SYSTEM;
	return err_prefix(err, "restarting workload %s of app %s (see `capakit logs %s %s`)",
			  workload, status->name, status->name, workload);
}

int cmd_restart(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct running_app app;
	struct err err;

	cli_parse("restart", &argp, argc, argv, 0, &arguments);
	if (!apps_choose_running(arguments.app, &app, &err))
		return cli_fail(&err);
	bool done = restart(&app, arguments.workload, &err);
	if (done)
		printf("[✓] Workload [%s] of the app [%s] runs again\n", arguments.workload,
		       app.status->app->name);
	running_app_close(&app);
	return done ? EXIT_DONE : cli_fail(&err);
}
