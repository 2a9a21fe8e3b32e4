// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/err.h"

static void test_set(void **state)
{
	struct err err = {0};

	assert_false(err_set(&err, ERR_LIMIT, "%d of %s", 3, "them"));
	assert_int_equal(err.code, ERR_LIMIT);
	assert_string_equal(err.text, "3 of them");
}

static void test_sys_names_the_reason(void **state)
{
	struct err err = {0};

	assert_false(err_sys(&err, ENOENT, "opening %s", "/x"));
	assert_int_equal(err.code, ERR_SYSTEM);
	assert_string_equal(err.text, "opening /x: No such file or directory");
}

static void test_prefix_keeps_the_code(void **state)
{
	struct err err = {0};

	err_set(&err, ERR_DENIED, "no");
	assert_false(err_prefix(&err, "asking %s", "them"));
	assert_int_equal(err.code, ERR_DENIED);
	assert_string_equal(err.text, "asking them: no");
}

static void test_long_texts_are_cut(void **state)
{
	struct err err = {0};
	char text[3 * sizeof(err.text)];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_sys(&err, ENOENT, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	err_prefix(&err, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	err_set(&err, ERR_USAGE, "tail");
	err_prefix(&err, "%.1000s", text);
	assert_string_equal(err.text + 1000, ": tail");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_sys_names_the_reason),
		cmocka_unit_test(test_prefix_keeps_the_code),
		cmocka_unit_test(test_long_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
