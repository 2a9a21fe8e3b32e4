// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "controller/app/tester_process.h"

struct seen {
	struct loop *loop;
	bool ended;
	size_t len;
};

static void on_ended(void *owner, const char *result, size_t len)
{
	struct seen *seen = owner;

	seen->ended = true;
	seen->len = len;
	loop_stop(seen->loop);
}

static struct seen run(const char *program)
{
	struct err err;
	struct seen seen = {.loop = loop_new(&err)};
	struct tester tester = {0};
	auto_fd int log = open("/dev/null", O_WRONLY | O_CLOEXEC);
	const struct tester_start start = {
		.program = program, .document = "{}", .first = -1, .second = -1, .log = log};

	assert_non_null(seen.loop);
	assert_true(tester_start(&tester, seen.loop, &start, on_ended, &seen, &err));
	loop_run(seen.loop);
	loop_free(&seen.loop);
	return seen;
}

static void what_it_says_is_kept(void **state)
{
	struct seen seen = run("/usr/bin/pwd");

	assert_true(seen.ended);
	assert_true(seen.len > 0);
}

/* It would never end by itself. */
static void one_that_says_too_much_is_ended(void **state)
{
	struct seen seen = run("/usr/bin/yes");

	assert_true(seen.ended);
	assert_true(seen.len <= TEST_RESULT_MAX);
	assert_true(seen.len > TEST_RESULT_MAX / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_says_is_kept),
		cmocka_unit_test(one_that_says_too_much_is_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
