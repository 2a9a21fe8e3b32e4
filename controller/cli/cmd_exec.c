// SPDX-License-Identifier: GPL-3.0-or-later
/* `capakit exec`: a command in a workload's sandbox, on the Kit's own folder. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "controller/app/app.h"
#include "controller/cli/cli.h"
#include "controller/cli/confirm.h"
#include "controller/cli/kit_options.h"
#include "controller/cli/run_app.h"

enum { KEY_KIT = 0x100, KEY_NETWORK, KEY_YES };

static const struct argp_option options[] = {
	{"kit", KEY_KIT, "KIT", 0, "The Kit, a folder (default: the current one)", 0},
	{"network", KEY_NETWORK, "NETWORK", 0,
	 "none, loopback, registries or full (default: that of the workload's start)", 0},
	{"yes", KEY_YES, NULL, 0, "Answer yes to whatever would be asked", 0},
	{0},
};

struct exec_command {
	struct app_options app;
	struct app_exec_options exec;
};

static void set_network(struct argp_state *state, struct app_exec_options *exec, const char *arg)
{
	static const enum network_kind kinds[] = {NETWORK_NONE, NETWORK_LOOPBACK,
						  NETWORK_REGISTRIES, NETWORK_FULL};
	for (size_t i = 0; i < array_len(kinds); i++) {
		if (!str_eq(arg, manifest_network_name(kinds[i])))
			continue;
		exec->has_network = true;
		exec->network = kinds[i];
		return;
	}
	argp_error(state, "--network %s: there are none, loopback, registries and full", arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct exec_command *command = state->input;
	switch (key) {
	case KEY_KIT:
		command->app.kit = arg;
		return 0;
	case KEY_NETWORK:
		set_network(state, &command->exec, arg);
		return 0;
	case KEY_YES:
		command->app.yes = true;
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &command->app;
		return 0;
	case ARGP_KEY_ARG:
		if (command->exec.workload)
			argp_error(state, "only one WORKLOAD can be given; the command is "
					  "written behind --");
		command->exec.workload = arg;
		return 0;
	case ARGP_KEY_END:
		if (command->exec.n_argv == 0)
			argp_error(state, "write the command behind --");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {{&kit_options, 0, NULL, 0}, {0}};
static const struct argp argp = {
	options,
	parse,
	"[WORKLOAD] -- COMMAND [ARGUMENT...]",
	"Runs a command in a workload's sandbox, where it may write the workload's own folder.",
	children,
	0,
	0,
};

static bool on_plan(void *owner, const struct plan *plan, struct err *err)
{
	const struct exec_command *command = owner;
	return confirm_plan(plan, command->app.yes, err);
}

static void on_event(void *owner, const struct app_event *event)
{
}

static void on_removed(void *owner, const char *path)
{
	cli_warn("removed %s, which the command made: write it yourself, since somebody outside "
		 "runs or reads it later",
		 path);
}

/* What is behind `--` is the command's, whatever it looks like. */
static int split(int argc, char **argv, struct app_exec_options *exec)
{
	for (int i = 1; i < argc; i++) {
		if (!str_eq(argv[i], "--"))
			continue;
		exec->argv = argv + i + 1;
		exec->n_argv = (size_t)(argc - i - 1);
		return i;
	}
	return argc;
}

static bool run(struct exec_command *command, struct err *err)
{
	struct app_keeper keeper;
	struct loop *loop;
	if (!run_app_begin(&command->app, &keeper, &loop, err))
		return false;
	app_run(&command->app, loop, &keeper, err);
	loop_free(&loop);
	return err->code == ERR_NONE;
}

/* What most often wants a network. */
static bool is_toolchain(const struct exec_command *command)
{
	return str_eq(command->exec.argv[0], "bun") || str_eq(command->exec.argv[0], "bunx");
}

int cmd_exec(int argc, char **argv)
{
	struct err err = {0};
	struct exec_command command = {
		.exec = {.removed = on_removed},
		.app = {.start_timeout_ms = 60 * 1000,
			.stop_grace_ms = 10 * 1000,
			.certificate_lifetime_s = 3600,
			.exec = &command.exec,
			.confirm = on_plan,
			.event = on_event,
			.owner = &command},
	};
	cli_parse("exec", &argp, split(argc, argv, &command.exec), argv, 0, &command);
	log_open("controller", LOG_LEVEL_WARN);
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	int status = run(&command, &err) ? command.exec.status : cli_fail(&err);
	if (err.code == ERR_NONE && status != 0 && command.exec.offline && is_toolchain(&command))
		cli_warn("the command had no network, as the workload's start has none; with "
			 "--network registries it reaches package registries");
	kit_options_free(&command.app);
	return err.code == ERR_CANCELLED ? EXIT_INTERRUPTED : status;
}
