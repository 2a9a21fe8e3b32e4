// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli_run.h"
#include "controller/cli/term.h"

struct options {
	const char *colour;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct options *options = state->input;

	if (key != 'c')
		return ARGP_ERR_UNKNOWN;
	options->colour = value;
	return 0;
}

static int cmd_paint(int argc, char **argv)
{
	static const struct argp_option OPTIONS[] = {{"colour", 'c', "NAME", 0, "The colour", 0},
						     {0}};
	static const struct argp ARGP = {OPTIONS, parse, NULL, "Paints.", NULL, NULL, NULL};
	struct options options = {0};

	cli_parse("paint", &ARGP, argc, argv, 0, &options);
	printf("painted %s\n", options.colour ? options.colour : "nothing");
	return EXIT_DONE;
}

static int cmd_break(int argc, char **argv)
{
	struct err err;

	err_set(&err, ERR_MANIFEST, "first \x1b[2J line\nsecond line");
	return cli_fail(&err);
}

static const struct cli_command COMMANDS[] = {
	{"paint", "Things", "paint it", cmd_paint},
	{"break", "Things", "break it", cmd_break},
	{"doctor", "Machine", "look at the machine", NULL},
};

static int program(int argc, char **argv)
{
	return cli_dispatch("capakit", "Does things.", COMMANDS, array_len(COMMANDS), argc, argv);
}

static struct cli_result result;

static void run(const char *line)
{
	cli_run(program, NULL, line, &result);
}

static void test_a_command_runs_with_its_options(void **state)
{
	run("capakit paint --colour=red");
	assert_int_equal(result.status, 0);
	assert_string_equal(result.out, "painted red\n");
}

static void test_help_lists_what_there_is(void **state)
{
	run("capakit --help");
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.out, "\nThings:\n  paint        paint it\n"));
	assert_null(strstr(result.out, "doctor"));
	run("capakit paint --help");
	assert_int_equal(result.status, 0);
	assert_non_null(strstr(result.out, "Usage: capakit paint [OPTION...]"));
}

static void test_version(void **state)
{
	run("capakit --version");
	assert_int_equal(result.status, 0);
	assert_string_equal(result.out, "capakit 0.0.test\n");
}

static void test_wrong_usage_has_status_2(void **state)
{
	run("capakit");
	assert_int_equal(result.status, 2);
	assert_string_equal(result.out, "");
	run("capakit piant");
	assert_int_equal(result.status, 2);
	assert_non_null(strstr(result.err, "did you mean 'paint'?"));
	run("capakit paint --color-of-the-sky");
	assert_int_equal(result.status, 2);
	assert_non_null(strstr(result.err, "capakit paint"));
}

static void test_a_later_command_says_so(void **state)
{
	run("capakit doctor");
	assert_int_equal(result.status, 1);
	assert_non_null(strstr(result.err, "not in this version yet"));
}

static void test_errors_are_escaped_and_have_their_status(void **state)
{
	run("capakit break");
	assert_int_equal(result.status, 3);
	assert_string_equal(result.err, "capakit: first \\x1b[2J line\nsecond line\n");
}

static void test_statuses(void **state)
{
	assert_int_equal(cli_exit_status(ERR_SYSTEM), 1);
	assert_int_equal(cli_exit_status(ERR_USAGE), 2);
	assert_int_equal(cli_exit_status(ERR_MANIFEST), 3);
	assert_int_equal(cli_exit_status(ERR_NO_APP), 4);
	assert_int_equal(cli_exit_status(ERR_CANCELLED), 130);
}

static void test_cells_are_as_wide_as_they_look(void **state)
{
	auto_buf struct buf out;
	auto_free char *text = NULL;

	buf_init(&out, 100);
	term_append_cell(&out, false, TERM_RED, "gr\xc3\xbc", 5);
	term_append_cell(&out, true, TERM_RED, "\x07", 5);
	text = buf_take_str(&out);
	assert_string_equal(text, "gr\xc3\xbc  \033[31m\\x07\033[0m ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_command_runs_with_its_options),
		cmocka_unit_test(test_help_lists_what_there_is),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_wrong_usage_has_status_2),
		cmocka_unit_test(test_a_later_command_says_so),
		cmocka_unit_test(test_errors_are_escaped_and_have_their_status),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_cells_are_as_wide_as_they_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
