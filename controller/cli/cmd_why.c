// SPDX-License-Identifier: GPL-3.0-or-later
/* `capakit why WORKLOAD THING`: what lets a workload reach something, or keeps it from that. */
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "controller/app/app.h"
#include "controller/cli/cli.h"
#include "controller/cli/complete.h"
#include "controller/cli/kit_options.h"
#include "controller/cli/term.h"
#include "controller/cli/why.h"

struct arguments {
	struct app_options app;
	const char *workload;
	const char *thing;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->app;
		state->child_inputs[1] = &arguments->app.kit;
		return 0;
	case ARGP_KEY_ARG:
		if (!arguments->workload)
			arguments->workload = arg;
		else if (!arguments->thing)
			arguments->thing = arg;
		else
			argp_error(state, "only a WORKLOAD and a THING can be given");
		return 0;
	case ARGP_KEY_END:
		if (!arguments->thing)
			argp_error(state, "give a WORKLOAD and a THING");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{&kit_options, 0, NULL, 0}, {&kit_choice, 0, NULL, 0}, {0}};
static const struct argp argp = {
	NULL,
	parse,
	"WORKLOAD THING",
	"Says whether a workload reaches a THING, and which line of the manifest decides it. THING "
	"is a "
	"workload (KEY or KEY/PATH), a secret, a mount, a host (NAME.DOMAIN or NAME:PORT), or a "
	"path in "
	"its sandbox (/PATH).\vExit status: 0 it does, 1 it does not.",
	children,
	0,
	0,
};

static const struct plan_workload *find(const struct plan *plan, const char *name, struct err *err)
{
	auto_free const char **names = xcalloc(plan->n_workloads + 1, sizeof(*names));

	for (size_t i = 0; i < plan->n_workloads; i++) {
		names[i] = plan->workloads[i].name;
		if (str_eq(names[i], name))
			return &plan->workloads[i];
	}
	const char *near = text_nearest(name, names, plan->n_workloads);
	if (near)
		err_set(err, ERR_USAGE, "the Kit has no workload %s; did you mean %s?", name, near);
	else
		err_set(err, ERR_USAGE, "the Kit has no workload %s that runs", name);
	return NULL;
}

static void print_lines(struct buf *text)
{
	auto_buf struct buf out = {.max = 4 * MIB};
	auto_free char *lines = buf_take_str(text);
	char *rest = lines;

	for (char *line; (line = strsep(&rest, "\n")) && *line;) {
		term_append(&out, false, TERM_PLAIN, line);
		(void)buf_append_str(&out, "\n");
	}
	term_flush(&out, stdout);
}

static bool explain(const struct arguments *arguments, const struct plan *plan, bool *may,
		    struct err *err)
{
	struct buf text = {.max = MIB};
	const struct plan_workload *workload = find(plan, arguments->workload, err);
	bool ok = workload && why_explain(&text, plan, workload, arguments->thing, may, err);

	if (ok)
		print_lines(&text);
	buf_free(&text);
	return ok;
}

int cmd_why(int argc, char **argv)
{
	struct arguments arguments = {
		.app = {.complete = complete_from_memory, .owner = &arguments.app}};
	struct app app;
	struct err err;
	bool may = false;

	cli_parse("why", &argp, argc, argv, 0, &arguments);
	app_init(&app, &arguments.app);
	bool ok = app_setup(&app, &err) && explain(&arguments, app.plan, &may, &err);
	app_folders_close(&app);
	app_setup_free(&app);
	kit_options_free(&arguments.app);
	if (!ok)
		return cli_fail(&err);
	return may ? EXIT_DONE : EXIT_FAILED;
}
