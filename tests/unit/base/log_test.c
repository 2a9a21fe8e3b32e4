// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

/* What the function writes to standard error. */
static char *captured(void (*function)(void))
{
	int ends[2];
	auto_fd int saved = dup(STDERR_FILENO);
	char *text = NULL;
	size_t len = 0;
	struct err err;

	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	fd_close(&ends[1]);
	function();
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	assert_true(fd_read_all(ends[0], 1 << 20, &text, &len, &err));
	fd_close(&ends[0]);
	return text;
}

static void say_two(void)
{
	log_open("tester", LOG_LEVEL_INFO);
	log_debug("hidden");
	log_warn("a\nb \x1b[0m %d", 5);
}

static void say_much(void)
{
	char text[2 * LOG_OWN_TEXT_MAX];

	memset(text, '\n', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_error("%s", text);
}

static void test_one_escaped_line(void **state)
{
	auto_free char *text = captured(say_two);

	/* 2026-01-02T03:04:05.678Z WARN tester: ... */
	assert_int_equal(text[10], 'T');
	assert_int_equal(text[19], '.');
	assert_string_equal(text + 23, "Z WARN tester: a\\x0ab \\x1b[0m 5\n");
}

static void test_long_texts_are_cut(void **state)
{
	auto_free char *text = captured(say_much);
	size_t len = strlen(text);

	assert_true(len > 4 * (LOG_OWN_TEXT_MAX - 1) && len < 4 * LOG_OWN_TEXT_MAX + 100);
	assert_int_equal(text[len - 1], '\n');
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_escaped_line),
		cmocka_unit_test(test_long_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
