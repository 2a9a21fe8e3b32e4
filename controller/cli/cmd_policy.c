// SPDX-License-Identifier: GPL-3.0-or-later
/* `capakit policy show [KIT] [WORKLOAD]`: the very policies that `up` would run, from the same
 * plan. */
#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/app/app.h"
#include "controller/cli/cli.h"
#include "controller/cli/complete.h"
#include "controller/cli/kit_options.h"
#include "controller/cli/phase_view.h"

struct show {
	struct app_options app;
	const char *workload;
	bool json;
};

static const struct argp_option options[] = {
	{"json", 'j', NULL, 0, "The policies as JSON, as capakit-sandbox reads them", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct show *show = state->input;
	switch (key) {
	case 'j':
		show->json = true;
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &show->app;
		return 0;
	case ARGP_KEY_ARG:
		if (!show->app.kit)
			show->app.kit = arg;
		else if (!show->workload)
			show->workload = arg;
		else
			argp_error(state, "at most a KIT and a WORKLOAD can be given");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {{&kit_options, 0, NULL, 0}, {0}};
static const struct argp argp = {
	options,
	parse,
	"[KIT] [WORKLOAD]",
	"Prints what each phase of a workload may touch, with the reason of each line.",
	children,
	0,
	0,
};

static void print_text(const struct phase_view *view)
{
	auto_buf struct buf text;
	buf_init(&text, 4 * MIB);
	phase_view(&text, view);
	printf("%.*s\n", (int)buf_len(&text), (const char *)buf_bytes(&text));
}

static void print_json(const struct phase_view *view, bool first)
{
	auto_free char *json = phase_view_json(view);
	printf("%s%s", first ? "[" : ",\n", json);
}

static void print_phase(const struct show *show, const struct phase_view *view, bool *first)
{
	if (!view->policy || (show->workload && !str_eq(show->workload, view->workload->name)))
		return;
	if (show->json)
		print_json(view, *first);
	else
		print_text(view);
	*first = false;
}

static void print_workload(const struct show *show, const struct plan *plan,
			   const struct plan_workload *workload, bool *first)
{
	for (enum manifest_phase_name phase = 0; phase < PHASE_COUNT; phase++) {
		struct phase_view view = {
			.plan = plan,
			.workload = workload,
			.phase = phase,
			.policy = phase == PHASE_START ? workload->start
						       : workload->layers[phase].policy,
			.profile_from = show->app.profile ? "--profile" : "",
		};
		print_phase(show, &view, first);
	}
}

static bool print_plan(const struct show *show, const struct plan *plan, struct err *err)
{
	bool first = true;
	for (size_t i = 0; i < plan->n_workloads; i++)
		print_workload(show, plan, &plan->workloads[i], &first);
	if (first)
		return err_set(err, ERR_USAGE, "the Kit has no workload %s", show->workload);
	if (show->json)
		printf("]\n");
	return true;
}

static int show_policies(int argc, char **argv)
{
	struct err err;
	struct show show = {.app = {.complete = complete_from_memory, .owner = &show.app}};
	struct app app;
	cli_parse("policy show", &argp, argc, argv, 0, &show);
	app_init(&app, &show.app);
	bool ok = app_setup(&app, &err) && print_plan(&show, app.plan, &err);
	app_folders_close(&app);
	app_setup_free(&app);
	kit_options_free(&show.app);
	return ok ? EXIT_DONE : cli_fail(&err);
}

int cmd_policy(int argc, char **argv)
{
	static const struct cli_command commands[] = {
		{"show", NULL, "Print what each phase of each workload may touch", show_policies},
	};
	return cli_dispatch("capakit policy", "What sandboxes may touch", commands,
			    array_len(commands), argc, argv);
}
