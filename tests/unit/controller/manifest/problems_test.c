// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/controller/manifest/check.h"

#include <jansson.h>

#include "base/limits.h"

static void test_print_escapes(void **state)
{
	struct manifest_problems problems;

	manifest_problems_init(&problems);
	manifest_problems_add(&problems, PROBLEM_ERROR, "a\x1b.yml", (struct location){3, 5},
			      "x\x1b[2J", "the text \"%s\"", "\x1b]0;t\x07\nnew line \xe2\x80\xae");
	auto_free char *text = printed(&problems);
	assert_string_equal(text, "a\\x1b.yml:3:5: error: the text \"\\x1b]0;t\\x07\\x0anew line "
				  "\\xe2\\x80\\xae\"\n"
				  "  did you mean \"x\\x1b[2J\"?\n");
	manifest_problems_free(&problems);
	manifest_problems_free(&problems); // twice is fine
}

static void test_print_without_place(void **state)
{
	struct manifest_problems problems;

	manifest_problems_init(&problems);
	manifest_problems_add(&problems, PROBLEM_WARNING, "f", (struct location){0}, NULL, "w");
	auto_free char *text = printed(&problems);
	assert_string_equal(text, "f: warning: w\n");
	manifest_problems_free(&problems);
}

static void test_list_is_bounded(void **state)
{
	struct manifest_problems problems;

	manifest_problems_init(&problems);
	for (uint32_t i = 0; i < 10; i++)
		manifest_problems_add(&problems, PROBLEM_WARNING, "f", (struct location){1, 1},
				      NULL, "w");
	for (uint32_t i = 0; i < 2 * MANIFEST_ERRORS_MAX; i++)
		manifest_problems_add(&problems, PROBLEM_ERROR, "f", (struct location){i + 1, 1},
				      NULL, "e");
	manifest_problems_add(&problems, PROBLEM_WARNING, "f", (struct location){1, 1}, NULL, "w");
	assert_int_equal(problems.count, MANIFEST_ERRORS_MAX);
	assert_int_equal(problems.errors, 2 * MANIFEST_ERRORS_MAX);
	assert_int_equal(problems.warnings, 11);
	for (size_t i = 0; i < problems.count; i++)
		assert_int_equal(problems.items[i].severity, PROBLEM_ERROR);
	auto_free char *text = printed(&problems);
	assert_non_null(strstr(text, "\n... and 111 more\n"));
	manifest_problems_free(&problems);
}

static void test_sort_keeps_files_apart(void **state)
{
	static const struct {
		const char *file;
		struct location at;
	} ADDED[] = {{"a", {9, 1}}, {"a", {2, 7}}, {"a", {2, 3}}, {"b", {1, 1}}, {"b", {0, 0}}};
	struct manifest_problems problems;

	manifest_problems_init(&problems);
	for (size_t i = 0; i < array_len(ADDED); i++)
		manifest_problems_add(&problems, PROBLEM_ERROR, ADDED[i].file, ADDED[i].at, NULL,
				      "e");
	manifest_problems_sort(&problems);
	auto_free char *text = printed(&problems);
	assert_string_equal(text, "a:2:3: error: e\na:2:7: error: e\na:9:1: error: e\n"
				  "b: error: e\nb:1:1: error: e\n");
	manifest_problems_free(&problems);
}

static void test_json(void **state)
{
	struct manifest_problems problems;

	manifest_problems_init(&problems);
	manifest_problems_add(&problems, PROBLEM_ERROR, "f\xff", (struct location){3, 5}, "x",
			      "a\"b\n");
	manifest_problems_add(&problems, PROBLEM_WARNING, "g", (struct location){0}, NULL, "w");
	auto_free char *text = manifest_problems_json(&problems);
	assert_string_equal(
		text,
		"[{\"file\":\"f\\\\xff\",\"line\":3,\"column\":5,\"severity\":\"error\",\"text\":"
		"\"a\\\"b\\n\",\"suggestion\":\"x\"},{\"file\":\"g\",\"line\":0,\"column\":0,"
		"\"severity\":\"warning\",\"text\":\"w\",\"suggestion\":null}]");
	manifest_problems_free(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print_escapes),
		cmocka_unit_test(test_print_without_place),
		cmocka_unit_test(test_list_is_bounded),
		cmocka_unit_test(test_sort_keeps_files_apart),
		cmocka_unit_test(test_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
