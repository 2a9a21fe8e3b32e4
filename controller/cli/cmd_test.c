// SPDX-License-Identifier: GPL-3.0-or-later
/* `capakit test`: runs the test cases of a Kit, and says what they came to. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "controller/cli/app_command.h"
#include "controller/cli/cli.h"
#include "controller/cli/confirm.h"
#include "controller/cli/json_out.h"
#include "controller/cli/kit_options.h"
#include "controller/cli/term.h"
#include "controller/testing/test_report.h"

enum { KEY_JUNIT = 0x100 };

#define LINES_MAX (64 * MIB) // of one case; its texts are bounded far below

static const struct argp_option options[] = {
	{"json", 'j', NULL, 0, "Print one JSON document at the end", 0},
	{"junit", KEY_JUNIT, "FILE", 0, "Write JUnit XML into this file too", 0},
	{0},
};

struct test_command {
	struct app_command command;
	struct app_test_options tests;
	struct test_report report;
	const char *junit;
	int junit_file;
	bool json;
	bool colour;
};

/* The first argument: a test's id has none of these, and a Kit's name on a command line has one. */
static bool names_kit(const char *arg)
{
	auto_free char *manifest = xasprintf("%s/" MANIFEST_FILE, arg);
	return strpbrk(arg, "/:@") || arg[0] == '.' || access(manifest, F_OK) == 0 ||
	       (strlen(arg) > 8 && str_eq(arg + strlen(arg) - 8, ".capakit"));
}

static void add_argument(struct test_command *command, const char *arg)
{
	struct app_test_options *tests = &command->tests;
	if (!command->command.app.kit && tests->n_ids == 0 && names_kit(arg)) {
		command->command.app.kit = arg;
		return;
	}
	tests->ids = xreallocarray(tests->ids, tests->n_ids + 1, sizeof(*tests->ids));
	tests->ids[tests->n_ids++] = arg;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct test_command *command = state->input;
	switch (key) {
	case 'j':
		command->json = true;
		return 0;
	case KEY_JUNIT:
		command->junit = arg;
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = state->child_inputs[1] = &command->command;
		state->child_inputs[2] = &command->command.app.kit;
		return 0;
	case ARGP_KEY_ARG:
		add_argument(command, arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {{&app_command_options, 0, NULL, 0},
					     {&app_command_remember, 0, NULL, 0},
					     {&kit_choice, 0, NULL, 0},
					     {0}};
static const struct argp argp = {
	options,
	parse,
	"[KIT] [ID...]",
	"Runs the test cases of a Kit, all or those that are named, and says what they came to.",
	children,
	0,
	0,
};

/* There may be cases for which nothing is started, so the answers are kept before that. */
static bool on_plan(void *owner, const struct plan *plan, struct err *err)
{
	struct test_command *command = owner;
	return confirm_plan(plan, command->command.app.yes, err) &&
	       complete_remember(&command->command.complete, plan, err);
}

static void on_ready(void *owner, const struct app *running)
{
	progress_end(((struct test_command *)owner)->command.progress);
}

static void on_ended(void *owner, const struct test_record *record)
{
	struct test_command *command = owner;
	struct buf out = {.max = LINES_MAX};
	if (!command->json)
		test_text_case(record, command->colour, &out);
	term_flush(&out, stdout);
	buf_free(&out);
}

/* Opened before anything runs: a file that cannot be written is told at once. */
static bool open_junit(struct test_command *command, struct err *err)
{
	if (!command->junit)
		return true;
	command->junit_file =
		open(command->junit, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
	return command->junit_file >= 0 ||
	       err_sys(err, errno, "--junit %s: cannot open the file", command->junit);
}

static bool write_junit(struct test_command *command, struct err *err)
{
	if (command->junit_file < 0)
		return true;
	auto_free char *text = test_junit(&command->report);
	return fd_write_all(command->junit_file, text, strlen(text), err) ||
	       err_prefix(err, "--junit %s", command->junit);
}

static void print_end(const struct test_command *command)
{
	struct buf out = {.max = LINES_MAX};
	if (command->json) {
		json_print(test_json(&command->report));
	} else if (test_report_count(&command->report, TEST_NOT_RUN) <
		   command->report.n_records) { // else the error says it all
		test_text_summary(&command->report, command->colour, &out);
		term_flush(&out, stdout);
	}
	buf_free(&out);
}

static bool run(struct test_command *command, struct err *err)
{
	return open_junit(command, err) &&
	       app_command_run(&command->command, APP_COMMAND_TEXT, err);
}

/* What is there to be told also when the app failed: the cases until then. */
static int finish(struct test_command *command, const struct err *failure)
{
	struct err err;
	if (failure->code == ERR_CANCELLED)
		return EXIT_INTERRUPTED;
	int status = failure->code ? cli_fail(failure) : EXIT_DONE;
	if (!command->report.kit || status > EXIT_FAILED)
		return status;
	if (failure->code)
		command->report.failure = xstrdup(failure->text);
	print_end(command);
	if (!write_junit(command, &err))
		return cli_fail(&err);
	return test_report_passed(&command->report) ? EXIT_DONE : EXIT_FAILED;
}

int cmd_test(int argc, char **argv)
{
	struct err err = {0};
	struct test_command command = {
		.tests = {.report = &command.report, .ended = on_ended},
		.junit_file = -1,
	};
	app_command_init(&command.command);
	command.command.app.tests = &command.tests;
	command.command.app.confirm = on_plan;
	command.command.app.ready = on_ready;
	cli_parse("test", &argp, argc, argv, 0, &command);
	command.colour = term_wants_colour(stdout);
	(void)!run(&command, &err);
	int status = finish(&command, &err);
	fd_close(&command.junit_file);
	test_report_free(&command.report);
	free(command.tests.ids);
	app_command_free(&command.command);
	return status;
}
