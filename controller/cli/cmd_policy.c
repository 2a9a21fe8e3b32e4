// SPDX-License-Identifier: GPL-3.0-or-later
/* `capakit policy show [KIT] [WORKLOAD]`: the very policies that `up` would run, from the same
 * plan. */
#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/app/app.h"
#include "controller/app/plan_policy.h"
#include "controller/cli/cli.h"
#include "controller/cli/complete.h"
#include "controller/cli/kit_options.h"
#include "controller/cli/phase_view.h"

enum { KEY_PHASE = 0x100 };

/* Those after `start` are of commands that a person gives, and shown when they are asked for. */
static const char *const phases[] = {"prepare", "hydrate", "start", "exec", "test"};

#define COMMAND "COMMAND" // stands for the one that a person gives

struct show {
	struct app_options app;
	struct app_exec_options exec;
	const char *workload;
	const char *phase; // NULL: all that `up` runs
	bool json;
};

static const struct argp_option options[] = {
	{"phase", KEY_PHASE, "PHASE", 0,
	 "Only prepare, hydrate or start; or that of a command: exec, test", 0},
	{"json", 'j', NULL, 0, "The policies as JSON, as capakit-sandbox reads them", 0},
	{0},
};

static const char *find_phase(struct argp_state *state, const char *arg)
{
	for (size_t i = 0; i < array_len(phases); i++)
		if (str_eq(arg, phases[i]))
			return phases[i];
	argp_error(state, "--phase %s: there are prepare, hydrate, start, exec and test", arg);
	return NULL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct show *show = state->input;
	switch (key) {
	case 'j':
		show->json = true;
		return 0;
	case KEY_PHASE:
		show->phase = find_phase(state, arg);
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

static bool is_wanted(const struct show *show, const char *phase,
		      const struct plan_workload *workload)
{
	return (!show->phase || str_eq(show->phase, phase)) &&
	       (!show->workload || str_eq(show->workload, workload->name));
}

static void print_phase(const struct show *show, struct phase_view *view, bool *first)
{
	view->profile_from = show->app.profile ? "--profile" : "";
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
		};
		if (view.policy && is_wanted(show, manifest_phase_text(phase), workload))
			print_phase(show, &view, first);
	}
}

static void print_command(const struct show *show, const struct plan *plan,
			  const struct plan_workload *workload, const struct policy *policy,
			  bool *first)
{
	struct phase_view view = {
		.plan = plan,
		.workload = workload,
		.phase = PHASE_START,
		.command = show->phase,
		.policy = policy,
	};
	print_phase(show, &view, first);
}

/* Cases of kind exec are for workloads of the Kit itself. */
static bool print_test(const struct show *show, const struct plan *plan,
		       const struct plan_workload *workload, bool *first, struct err *err)
{
	char word[] = COMMAND;
	char *const words[] = {word};
	if (workload->kit != &plan->inputs->kits[0] || !is_wanted(show, "test", workload))
		return true;
	auto_policy struct policy *policy = plan_policy_command(plan, workload, words, 1, err);
	if (policy)
		print_command(show, plan, workload, policy, first);
	return policy != NULL;
}

static bool print_plan(const struct show *show, const struct plan *plan, struct err *err)
{
	bool first = true;
	if (plan->exec)
		print_command(show, plan, plan_own_workload(plan, plan->inputs->exec->workload),
			      plan->exec, &first);
	for (size_t i = 0; i < plan->n_workloads && !plan->exec; i++) {
		print_workload(show, plan, &plan->workloads[i], &first);
		if (str_eq(show->phase, "test") &&
		    !print_test(show, plan, &plan->workloads[i], &first, err))
			return false;
	}
	if (first && show->workload)
		return err_set(err, ERR_USAGE, "the Kit has no workload %s%s%s", show->workload,
			       show->phase ? " with the phase " : "",
			       show->phase ? show->phase : "");
	if (first)
		return err_set(err, ERR_USAGE, "no workload of the Kit has the phase %s",
			       show->phase);
	if (show->json)
		printf("]\n");
	return true;
}

/* As for the command itself: one workload, on the Kit's own folder. */
static void choose_exec(struct show *show, char **words)
{
	if (!str_eq(show->phase, "exec"))
		return;
	show->exec =
		(struct app_exec_options){.workload = show->workload, .argv = words, .n_argv = 1};
	show->app.exec = &show->exec;
}

static int show_policies(int argc, char **argv)
{
	struct err err;
	struct show show = {.app = {.complete = complete_from_memory, .owner = &show.app}};
	struct app app;
	char word[] = COMMAND;
	char *words[] = {word};
	cli_parse("policy show", &argp, argc, argv, 0, &show);
	choose_exec(&show, words);
	app_init(&app, &show.app);
	bool ok = app_setup(&app, &err) && print_plan(&show, app.plan, &err);
	app_exec_free(&app);
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
