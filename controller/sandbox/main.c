// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * capakit-sandbox: runs one command in the sandbox that a policy describes (docs/sandbox.md).
 * The controller starts it without arguments and environment, the policy in a sealed memory file
 * on descriptor 3; a person starts it with --policy FILE.
 */
#include "controller/sandbox/parts.h"

#include <argp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/version.h"

const char *argp_program_version = "capakit-sandbox " CAPAKIT_VERSION;
static const char doc[] =
	"Runs a command in the sandbox that a policy describes; `capakit policy show` prints one. "
	"Without arguments the policy is expected on descriptor 3, as capakit passes it.\v"
	"Exit status: the command's, or 128 + its signal; 125: the sandbox could not be set up and "
	"nothing was run, 126: the command cannot be executed, 127: it was not found.";

struct arguments {
	const char *policy; // NULL: descriptor 3
	char **command;	    // replaces the policy's
	int n_command;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case 'p':
		arguments->policy = arg;
		return 0;
	case ARGP_KEY_ARGS:
		arguments->command = state->argv + state->next;
		arguments->n_command = state->argc - state->next;
		return 0;
	case ARGP_KEY_END:
		if (arguments->command && !arguments->policy)
			argp_error(state, "a command needs --policy FILE");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static void parse_arguments(int argc, char **argv, struct arguments *arguments)
{
	static const struct argp_option options[] = {
		{"policy", 'p', "FILE", 0, "The policy, as JSON", 0},
		{0},
	};
	static const struct argp parser = {options, parse_option, "[-- COMMAND...]", doc, 0, 0, 0};

	argp_err_exit_status = SANDBOX_EXIT_SETUP;
	argp_parse(&parser, argc, argv, ARGP_IN_ORDER, NULL, arguments);
}

static struct policy *read_policy(const struct arguments *arguments, struct err *err)
{
	struct policy *policy = arguments->policy ? input_policy_file(arguments->policy, err)
						  : input_sealed_policy(err);

	if (!policy || arguments->n_command == 0)
		return policy;
	policy_clear_args(policy);
	for (int i = 0; i < arguments->n_command; i++)
		policy_add_arg(policy, arguments->command[i]);
	if (!policy_check(policy, err))
		policy_free(&policy);
	return policy;
}

/* A parent that is dead already does not send the signal any more. */
static bool die_with_parent(const struct policy *policy, struct err *err)
{
	pid_t parent = policy->parent ? policy->parent : getppid();

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_set(err, ERR_SYSTEM, "setting the parent death signal");
	if (getppid() != parent)
		return err_set(err, ERR_CLOSED, "the process that started this sandbox is gone");
	return true;
}

static int run(const struct arguments *arguments, struct err *err)
{
	auto_policy struct policy *policy = read_policy(arguments, err);

	if (!policy || !die_with_parent(policy, err) ||
	    !input_close_others(policy->handoff_fd, err) || !namespaces_check_caller(policy, err))
		return -1;
	return launcher_run(policy, err);
}

int main(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct err err = {0};

	if (argc > 1)
		parse_arguments(argc, argv, &arguments);
	else
		failure_open();
	int status = run(&arguments, &err);
	if (status >= 0)
		return status;
	failure_say(&err);
	return SANDBOX_EXIT_SETUP;
}
