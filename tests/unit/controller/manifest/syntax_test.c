// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/manifest/syntax.h"

typedef bool syntax_fn(const char *text);

static void check(syntax_fn *fn, bool expected, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (fn(texts[i]) != expected)
			fail_msg("\"%s\" is %s", texts[i], expected ? "refused" : "taken");
	}
}

#define takes(fn, ...) check_list(fn, true, __VA_ARGS__)
#define refuses(fn, ...) check_list(fn, false, __VA_ARGS__)
#define check_list(fn, expected, ...)                                                              \
	do {                                                                                       \
		static const char *const TEXTS[] = {__VA_ARGS__};                                  \
		check(fn, expected, TEXTS, array_len(TEXTS));                                      \
	} while (0)

static bool is_path(const char *path)
{
	return !syntax_path_fault(path);
}

static bool is_pattern(const char *pattern)
{
	return !syntax_pattern_fault(pattern);
}

static void test_numbers(void **state)
{
	takes(syntax_is_number, "0", "-1", "1.5", "1e9", "1.5E-3", "8192");
	refuses(syntax_is_number, "", "-", "01", ".5", "1.", "1e", "+1", "0x1", "1 ", " 1", "1.5.2",
		"inf", "1e+");
}

static void test_paths(void **state)
{
	takes(is_path, "/", "/mcp", "/a/b", "/a.b", "/...", "/.well-known", "/a/..b", "/a~b_c-d@e");
	refuses(is_path, "", "mcp", "/a/", "//", "//a", "/a//b", "/.", "/..", "/a/./b", "/a/..",
		"/a/../b", "/a?b", "/a#b", "/a%2e", "/a b", "/a\\b", "/a\x7f", "/a\nb", "/a;b",
		"/a*", "/\xc3\xa9");
}

static void test_long_path(void **state)
{
	char path[MANIFEST_PATH_MAX + 2];

	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[MANIFEST_PATH_MAX] = '\0';
	assert_true(is_path(path));
	path[MANIFEST_PATH_MAX] = 'a';
	path[MANIFEST_PATH_MAX + 1] = '\0';
	assert_false(is_path(path));
}

static void test_patterns(void **state)
{
	takes(is_pattern, "/", "/*", "/a", "/a/*", "/a*", "/a/");
	refuses(is_pattern, "", "*", "a*", "/a*b", "/a**", "/../*", "//*");
}

static void test_request_paths(void **state)
{
	takes(syntax_is_request_path, "/", "/a?b=c", "/a%2fb", "/a?b=../c", "/a;b", "/a//b");
	refuses(syntax_is_request_path, "", "a", "//a", "/a b", "/a#b", "/a/../b", "/./a", "/a\\b",
		"/a\r\nx", "/\xc3\xa9");
}

static void test_host_names(void **state)
{
	takes(syntax_is_host_name, "localhost", "api.example.org", "a_b.c", "xn--a.b", "1a",
	      "1.2.a", "A.B");
	refuses(syntax_is_host_name, "", ".", "a.", ".a", "a..b", "-a", "a-", "127.0.0.1", "1",
		"0x7f", "1.0x7F", "a.1", "[::1]", "::1", "a b", "a:80", "*.a", "a/b", "u@a",
		"\xc3\xa9.a");
	takes(syntax_is_host_pattern, "*.example.org", "a");
	refuses(syntax_is_host_pattern, "*", "*.", "*a.b", "a.*", "*.*.a", "*.1");
}

static void test_long_host_names(void **state)
{
	char name[260];

	memset(name, 'a', sizeof(name));
	name[63] = '\0';
	assert_true(syntax_is_host_name(name));
	name[63] = 'a';
	name[64] = '\0';
	assert_false(syntax_is_host_name(name));
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 2 ? '.' : 'a';
	name[253] = '\0';
	assert_true(syntax_is_host_name(name));
	name[253] = '.';
	name[255] = '\0';
	assert_false(syntax_is_host_name(name));
}

static void test_origins(void **state)
{
	takes(syntax_is_origin, "http://localhost:6274", "https://a.b", "http://127.0.0.1:1",
	      "http://[::1]:1", "http://[::1]");
	refuses(syntax_is_origin, "", "null", "*", "localhost", "http://", "http://a/",
		"http://a:0", "http://a:65536", "http://a:", "http://u@a", "ftp://a",
		"http://10.0.0.1", "http://[::2]", "http://*.a");
}

static void test_other_names(void **state)
{
	takes(syntax_is_env_name, "A", "_a1", "a");
	refuses(syntax_is_env_name, "", "1A", "A-B", "A B", "A=", "\xc3\xa9");
	takes(syntax_is_token, "X-Key", "a", "!");
	refuses(syntax_is_token, "", "a b", "a:", "a\n", "\xc3\xa9");
	takes(syntax_is_header_value, "", "Bearer x", "a\tb", "\xc3\xa9");
	refuses(syntax_is_header_value, "a\r\nb", "a\nb", "\x01", "\x7f");
	takes(syntax_is_folder_beneath, ".", "a", "a/b", "..a", "a/..b/c", "a/");
	refuses(syntax_is_folder_beneath, "", "/", "/a", "..", "a/..", "a/../b", "../a", "a\nb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_long_path),	cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_request_paths),	cmocka_unit_test(test_host_names),
		cmocka_unit_test(test_long_host_names), cmocka_unit_test(test_origins),
		cmocka_unit_test(test_other_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
