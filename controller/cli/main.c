// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The `capakit` program: a table of its commands. Those of the contract that have no function are
 * known by name, so that nobody takes a missing feature for a typing error.
 */
#include "controller/cli/cli.h"

#include <signal.h>

#include "base/mem.h"
#include "base/version.h"

const char *argp_program_version = "capakit " CAPAKIT_VERSION;

#define APPS "Apps"
#define KITS "Kits"

static const struct cli_command COMMANDS[] = {
	{"up", APPS, "start the app of a Kit and print its URLs", cmd_up},
	{"down", APPS, "stop an app", cmd_down},
	{"status", APPS, "show what runs: workloads, routes, URLs", cmd_status},
	{"logs", APPS, "show what the workloads of an app wrote", cmd_logs},
	{"run", APPS, "start the app of any source, in the foreground", cmd_run},
	{"restart", APPS, "restart one workload of an app", cmd_restart},
	{"exec", APPS, "run a command in a workload's sandbox", cmd_exec},
	{"test", APPS, "run the tests of a Kit", cmd_test},
	{"kit", KITS, "check a Kit and show what is in it", cmd_kit},
	{"policy", KITS, "show what each sandbox of a Kit may touch, and why", cmd_policy},
	{"secret", KITS, "keep the secrets of a Kit", cmd_secret},
	{"why", KITS, "say why a workload may or may not do something", cmd_why},
	{"schema", KITS, "print the JSON Schema of the manifest or of a command", cmd_schema},
	{"cache", "Machine", "list and prune what is kept on disk", cmd_cache},
	{"audit", "Machine", "show and verify the audit records", cmd_audit},
	{"doctor", "Machine", "check what this machine can do, and whether its sandboxes hold",
	 cmd_doctor},
};

int main(int argc, char **argv)
{
	signal(SIGCHLD,
	       SIG_DFL); // who ignores it, as some starters do, is not told how a child ended
	return cli_dispatch("capakit",
			    "Runs Kits: apps of sandboxed workloads that may call only what they "
			    "declare.",
			    COMMANDS, array_len(COMMANDS), argc, argv);
}
