// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/tester/regex.h"

static bool matches(const char *pattern, const char *text)
{
	struct err err = {0};
	bool result = false;
	if (!regex_matches(pattern, strlen(pattern), text, strlen(text), &result, &err))
		fail_msg("%s", err.text);
	return result;
}

static enum err_code refusal(const char *pattern, const char *text)
{
	struct err err = {0};
	bool result = true;
	assert_false(regex_matches(pattern, strlen(pattern), text, strlen(text), &result, &err));
	return err.code;
}

static void the_syntax_of_javascript(void **unused)
{
	assert_true(matches("^\\d{3}-\\w+$", "123-abc"));
	assert_true(matches("(?i)HELLO", "say hello"));
	assert_true(matches("^.$", "ö"));
	assert_false(matches("^b", "abc"));
}

static void what_never_ends_is_ended(void **unused)
{
	char text[4096];
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 2] = 'b';
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(refusal("^(a|aa)+$", text), ERR_LIMIT);
	assert_int_equal(refusal("^(a+)+\\1$", text), ERR_LIMIT);
}

static void patterns_have_a_size(void **unused)
{
	auto_free char *pattern = xcalloc(1, TEST_PATTERN_MAX + 2);
	memset(pattern, 'a', TEST_PATTERN_MAX + 1);
	assert_int_equal(refusal(pattern, "a"), ERR_LIMIT);
	assert_int_equal(refusal("(((((a{1,1000}){1,1000}){1,1000}){1,1000}){1,1000})", "a"),
			 ERR_USAGE); // it would be too large when it is compiled
	assert_int_equal(refusal("[", "a"), ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_syntax_of_javascript),
		cmocka_unit_test(what_never_ends_is_ended),
		cmocka_unit_test(patterns_have_a_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
