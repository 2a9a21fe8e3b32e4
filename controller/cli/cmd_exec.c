// SPDX-License-Identifier: GPL-3.0-or-later
/* `capakit exec`: a command in a workload's sandbox, on the Kit's own folder. */
#include "base/mem.h"
#include "controller/cli/app_command.h"
#include "controller/cli/cli.h"
#include "controller/cli/kit_options.h"

enum { KEY_NETWORK = 0x100 };

static const struct argp_option options[] = {
	{"network", KEY_NETWORK, "NETWORK", 0,
	 "none, loopback, registries or full (default: that of the workload's start)", 0},
	{0},
};

struct exec_command {
	struct app_command command;
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
	case KEY_NETWORK:
		set_network(state, &command->exec, arg);
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &command->command;
		state->child_inputs[1] = &command->command.app.kit;
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

static const struct argp_child children[] = {
	{&app_command_options, 0, NULL, 0}, {&kit_choice, 0, NULL, 0}, {0}};
static const struct argp argp = {
	options,
	parse,
	"[WORKLOAD] -- COMMAND [ARGUMENT...]",
	"Runs a command in a workload's sandbox, where it may write the workload's own folder.",
	children,
	0,
	0,
};

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

/* What most often wants a network. */
static bool is_toolchain(const struct exec_command *command)
{
	return str_eq(command->exec.argv[0], "bun") || str_eq(command->exec.argv[0], "bunx");
}

int cmd_exec(int argc, char **argv)
{
	struct err err = {0};
	struct exec_command exec = {.exec = {.removed = on_removed}};
	app_command_init(&exec.command);
	exec.command.app.exec = &exec.exec;
	exec.command.complete.once = true;
	cli_parse("exec", &argp, split(argc, argv, &exec.exec), argv, 0, &exec);
	int status = app_command_run(&exec.command, APP_COMMAND_QUIET, &err) ? exec.exec.status
									     : cli_fail(&err);
	if (err.code == ERR_NONE && status != 0 && exec.exec.offline && is_toolchain(&exec))
		cli_warn("the command had no network, as the workload's start has none; with "
			 "--network registries it reaches package registries");
	app_command_free(&exec.command);
	return err.code == ERR_CANCELLED ? EXIT_INTERRUPTED : status;
}
