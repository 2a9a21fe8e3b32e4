// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static void assert_escaped(const char *in, size_t len, const char *expected)
{
	auto_buf struct buf out;
	auto_free char *text = NULL;

	buf_init(&out, 1000);
	assert_true(text_escape(&out, in, len));
	text = buf_take_str(&out);
	assert_string_equal(text, expected);
}

#define assert_shown(in) assert_escaped(in, strlen(in), in)
#define assert_hidden(in, expected) assert_escaped(in, sizeof(in) - 1, expected)

static void test_printable_text_stays(void **state)
{
	assert_shown("plain ~ \t text");
	assert_shown("gr\xc3\xbc\xc3\x9f"
		     "e \xe2\x82\xac \xf0\x9f\x98\x80");
}

static void test_controls_are_escaped(void **state)
{
	assert_hidden("a\x1b[2Jb", "a\\x1b[2Jb");
	assert_hidden("\r\n\0\x7f", "\\x0d\\x0a\\x00\\x7f");
	assert_hidden("\xc2\x9b", "\\xc2\\x9b");		   // C1: CSI
	assert_hidden("\xe2\x80\xae", "\\xe2\\x80\\xae");	   // right-to-left override
	assert_hidden("\xe2\x80\x8b", "\\xe2\\x80\\x8b");	   // zero-width space
	assert_hidden("\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"); // tag character
}

static void test_broken_utf8_is_escaped(void **state)
{
	assert_hidden("\xff", "\\xff");
	assert_hidden("\x80", "\\x80");
	assert_hidden("\xc0\xaf", "\\xc0\\xaf");		   // overlong
	assert_hidden("\xe0\x80\xaf", "\\xe0\\x80\\xaf");	   // overlong
	assert_hidden("\xed\xa0\x80", "\\xed\\xa0\\x80");	   // surrogate
	assert_hidden("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); // above U+10FFFF
	assert_hidden("\xe2\x82", "\\xe2\\x82");		   // cut off
	assert_hidden("\xe2(a", "\\xe2(a");
}

static void test_escape_stops_at_the_maximum(void **state)
{
	auto_buf struct buf out;

	buf_init(&out, 5);
	assert_false(text_escape(&out, "ab\n", 3));
	assert_int_equal(buf_len(&out), 2);
}

static void test_hex(void **state)
{
	const uint8_t data[] = {0x00, 0x9f, 0xff};
	char out[7];

	text_hex(out, data, sizeof(data));
	assert_string_equal(out, "009fff");
}

static void test_nearest(void **state)
{
	static const char *const WORDS[] = {"workloads", "connections", "mounts", "http", "id"};
	char longest[200] = {0};

	assert_string_equal(text_nearest("worklaods", WORDS, array_len(WORDS)), "workloads");
	assert_string_equal(text_nearest("mount", WORDS, array_len(WORDS)), "mounts");
	assert_string_equal(text_nearest("htpt", WORDS, array_len(WORDS)), "http");
	assert_string_equal(text_nearest("mcp", (const char *const[]){"mcp"}, 1), "mcp");
	assert_null(text_nearest("zzzzzz", WORDS, array_len(WORDS)));
	assert_null(text_nearest("", WORDS, array_len(WORDS)));
	assert_null(text_nearest("if", WORDS, array_len(WORDS)));
	memset(longest, 'a', sizeof(longest) - 1);
	assert_null(text_nearest(longest, WORDS, array_len(WORDS)));
	assert_null(text_nearest("a", (const char *const[]){longest}, 1));
}

static void test_keys(void **state)
{
	assert_true(text_is_key("a"));
	assert_true(text_is_key("wire_token-2"));
	assert_false(text_is_key(""));
	assert_false(text_is_key("2a"));
	assert_false(text_is_key("a_"));
	assert_false(text_is_key("a-"));
	assert_false(text_is_key("-a"));
	assert_false(text_is_key("A"));
	assert_false(text_is_key("a/b"));
	assert_false(text_is_key("a.b"));
}

static void test_names(void **state)
{
	assert_true(text_is_name("0"));
	assert_true(text_is_name("news-room-"));
	assert_true(
		text_is_name("a23456789012345678901234567890123456789012345678901234567890123"));
	assert_false(
		text_is_name("a234567890123456789012345678901234567890123456789012345678901234"));
	assert_false(text_is_name(""));
	assert_false(text_is_name("-a"));
	assert_false(text_is_name("a_b"));
	assert_false(text_is_name(".."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_printable_text_stays),
		cmocka_unit_test(test_controls_are_escaped),
		cmocka_unit_test(test_broken_utf8_is_escaped),
		cmocka_unit_test(test_escape_stops_at_the_maximum),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
