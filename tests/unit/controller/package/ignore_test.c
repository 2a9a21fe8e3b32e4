// SPDX-License-Identifier: GPL-3.0-or-later
/* What git's own documentation says of patterns, and what `git check-ignore` answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/package/ignore.h"

struct fit {
	const char *pattern, *text;
	bool fits;
};

static void patterns(void **unused)
{
	static const struct fit FITS[] = {
		{"a", "a", true},
		{"a", "ab", false},
		{"*", "anything", true},
		{"*.log", "x.log", true},
		{"*.log", ".log", true},
		{"*.log", "x.logs", false},
		{"?", "a", true},
		{"?", "", false},
		{"a*b*c", "a-b-b-c", true},
		{"a*b*c", "a-c-b", false},
		{"[a-c]x", "bx", true},
		{"[!a-c]x", "bx", false},
		{"[^a-c]x", "dx", true},
		{"[]x]", "]", true},
		{"[a", "[a", true},
		{"\\*", "*", true},
		{"\\*", "a", false},
		{"a/b", "a/b", true},
		{"a/*", "a/b", true},
		{"a/*", "a/b/c", false},
		{"*", "a/b", false},
		{"a?b", "a/b", false},
		{"a[/]b", "a/b", false},
		{"**/x", "x", true},
		{"**/x", "a/b/x", true},
		{"**/x/y", "x/x/y", true},
		{"a/**", "a/b/c", true},
		{"a/**", "a", false},
		{"a/**/b", "a/b", true},
		{"a/**/b", "a/x/y/b", true},
		{"a/**/b", "a/x/y/c", false},
		{"a/**/b/**/c", "a/b/x/b/c", true},
		{"a**", "abc", true},
	};
	for (size_t i = 0; i < array_len(FITS); i++)
		if (ignore_pattern_fits(FITS[i].pattern, FITS[i].text) != FITS[i].fits)
			fail_msg("'%s' and '%s'", FITS[i].pattern, FITS[i].text);
}

static void many_stars_take_no_time(void **unused)
{
	char pattern[4096], text[4096];
	for (size_t i = 0; i < sizeof(pattern) - 2; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[sizeof(pattern) - 2] = 'b';
	pattern[sizeof(pattern) - 1] = '\0';
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(ignore_pattern_fits(pattern, text));
}

static bool left_out(const char *lines, const char *path, bool folder)
{
	struct ignore_rules rules = {0};
	assert_true(ignore_add(&rules, "", lines));
	bool fits = ignore_fits(&rules, path, folder);
	ignore_free(&rules);
	return fits;
}

static void lines(void **unused)
{
	assert_true(left_out("# comment\n\ndist\n", "dist", true));
	assert_true(left_out("dist", "deep/below/dist", false));
	assert_false(left_out("dist/", "dist", false));
	assert_true(left_out("dist/", "a/dist", true));
	assert_true(left_out("/dist", "dist", false));
	assert_false(left_out("/dist", "a/dist", false));
	assert_false(left_out("a/dist", "b/a/dist", false));
	assert_false(left_out("#x\n", "#x", false));
	assert_true(left_out("\\#x\n", "#x", false));
	assert_true(left_out("\\!x\n", "!x", false));
	assert_true(left_out("x  \r\n", "x", false));
	assert_true(left_out("x\\ \n", "x ", false));
	assert_false(left_out("/\n!\n", "x", false));
}

static void the_last_rule_wins(void **unused)
{
	assert_false(left_out("*.log\n!keep.log\n", "a/keep.log", false));
	assert_true(left_out("!keep.log\n*.log\n", "keep.log", false));
}

static void a_file_below_counts_below_only(void **unused)
{
	struct ignore_rules rules = {0};
	assert_true(ignore_add(&rules, "", "*.log\n"));
	assert_true(ignore_add(&rules, "a/b", "/x\n!y.log\n"));
	assert_true(ignore_fits(&rules, "a/b/x", false));
	assert_false(ignore_fits(&rules, "x", false));
	assert_false(ignore_fits(&rules, "a/bc/x", false));
	assert_false(ignore_fits(&rules, "a/b/c/y.log", false));
	assert_true(ignore_fits(&rules, "a/y.log", false));
	ignore_free(&rules);
}

static void too_many_are_refused(void **unused)
{
	struct ignore_rules rules = {0};
	for (size_t i = 0; i < IGNORE_RULES_MAX; i++)
		assert_true(ignore_add(&rules, "", "x\n"));
	assert_false(ignore_add(&rules, "", "x\n"));
	ignore_free(&rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns),
		cmocka_unit_test(many_stars_take_no_time),
		cmocka_unit_test(lines),
		cmocka_unit_test(the_last_rule_wins),
		cmocka_unit_test(a_file_below_counts_below_only),
		cmocka_unit_test(too_many_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
