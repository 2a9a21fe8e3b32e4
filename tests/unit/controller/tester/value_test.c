// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "controller/tester/value.h"

static void foreign_bytes_become_text(void **unused)
{
	static const char bytes[] = "a\xff\xc3\xa4\xed\xa0\x80\0z";
	json_t *value = value_from_bytes(bytes, sizeof(bytes) - 1);
	static const char expected[] =
		"a\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\0z";
	assert_int_equal(json_string_length(value), sizeof(expected) - 1);
	assert_memory_equal(json_string_value(value), expected, sizeof(expected));
	json_decref(value);
}

static void only_json_is_json(void **unused)
{
	assert_null(value_from_json("hello", 5));
	assert_null(value_from_json("{} {}", 5));
	assert_null(value_from_json("", 0));
	json_t *value = value_from_json(" \"a\\u0000b\" ", 12);
	assert_int_equal(json_string_length(value), 3);
	json_decref(value);
}

/* Nothing nests deep enough to end the process. */
static void deep_nesting_is_no_json(void **unused)
{
	enum { DEPTH = 200000 };
	auto_free char *deep = xmalloc(DEPTH);
	memset(deep, '[', DEPTH);
	assert_null(value_from_json(deep, DEPTH));
}

static void a_long_text_is_cut_between_characters(void **unused)
{
	json_t *value = value_from_bytes("ääää", 8);
	for (size_t max = 1; max < 10; max++) {
		auto_free char *text = value_text(value, max);
		size_t len = strlen(text) - 3;
		assert_string_equal(text + len, "...");
		assert_true(len <= max && len % 2 == 1); // the quote, and whole characters
	}
	auto_free char *whole = value_text(value, 10);
	assert_string_equal(whole, "\"ääää\"");
	json_decref(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_bytes_become_text),
		cmocka_unit_test(only_json_is_json),
		cmocka_unit_test(deep_nesting_is_no_json),
		cmocka_unit_test(a_long_text_is_cut_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
