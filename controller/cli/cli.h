// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The frame of the command line. A command is a function `int cmd_X(int argc, char **argv)` with
 * argv[0] the command's name; what it returns is the exit status. Results go to stdout, progress
 * and errors to stderr.
 */
#include <argp.h>
#include <stdio.h>

#include "base/err.h"

/* Exit statuses (a public interface: docs/cli.md). */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_MANIFEST = 3,
	EXIT_NO_APP = 4,
	EXIT_INTERRUPTED = 130,
};

typedef int cli_fn(int argc, char **argv);

struct cli_command {
	const char *name;
	const char *group;   // heading in the help; commands of one group stand together
	const char *summary; // one line for the help
	cli_fn *fn;	     // NULL: known by name, but not in this version yet
};

/*
 * Runs the command of the table that argv[1] names, with argv moved so that argv[0] is that name.
 * `parent` is what was typed so far ("capakit", "capakit kit"), `intro` opens its --help. Without
 * a command the help goes to stderr and the status is 2; an unknown one gets the nearest name.
 */
int cli_dispatch(const char *parent, const char *intro, const struct cli_command *table,
		 size_t count, int argc, char **argv);

/*
 * argp_parse(3) for a command: `command` ("up", "kit validate") is shown as "capakit up" in the
 * usage. It prints --help or a usage error (status 2) and ends the process by itself.
 */
void cli_parse(const char *command, const struct argp *argp, int argc, char **argv, unsigned flags,
	       void *input);

/* For parsers: an argument of which there can be one; a second is a usage error that says so. */
void cli_take_only(struct argp_state *state, const char *what, const char *arg, const char **taken);

/* Prints "capakit: <text>" (escaped; marked in red on a terminal) to stderr; gives the status. */
int cli_fail(const struct err *err);
int cli_fail_text(enum err_code code, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void cli_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
int cli_exit_status(enum err_code code);

/* One function a command, each in its cmd_<name>.c. */
cli_fn cmd_audit;
cli_fn cmd_cache;
cli_fn cmd_doctor;
cli_fn cmd_down;
cli_fn cmd_kit;
cli_fn cmd_logs;
cli_fn cmd_policy;
cli_fn cmd_restart;
cli_fn cmd_run;
cli_fn cmd_schema;
cli_fn cmd_secret;
cli_fn cmd_status;
cli_fn cmd_test;
cli_fn cmd_exec;
cli_fn cmd_up;
cli_fn cmd_why;
