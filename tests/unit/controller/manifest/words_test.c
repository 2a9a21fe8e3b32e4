// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "controller/manifest/words.h"

/* The words, joined by '|'. */
static void assert_words(const char *text, const char *expected)
{
	struct words_fault fault = {0};
	char **words = NULL;
	size_t count = 0;
	auto_free char *joined = xstrdup("");

	if (!words_split(text, &words, &count, &fault))
		fail_msg("%s: %s", text, fault.text);
	for (size_t i = 0; i < count; i++) {
		char *longer = xasprintf("%s%s%s", joined, i ? "|" : "", words[i]);

		free(joined);
		joined = longer;
	}
	assert_null(words[count]);
	assert_string_equal(joined, expected);
	words_free(&words);
	assert_null(words);
}

static void assert_fault(const char *text, size_t offset, const char *part)
{
	struct words_fault fault = {0};
	char **words = NULL;
	size_t count = 0;

	if (words_split(text, &words, &count, &fault))
		fail_msg("%s should be refused", text);
	assert_null(words);
	assert_int_equal(fault.offset, offset);
	if (!strstr(fault.text, part))
		fail_msg("\"%s\" does not say \"%s\"", fault.text, part);
}

static void test_splits_at_blanks(void **state)
{
	assert_words("bun run src/index.ts", "bun|run|src/index.ts");
	assert_words("  bun\t\trun  ", "bun|run");
	assert_words("bun run\n", "bun|run"); // the end of a block scalar
}

static void test_quotes(void **state)
{
	assert_words("bun 'a b' \"c d\"", "bun|a b|c d");
	assert_words("bun a'b c'd\"e f\"", "bun|ab cde f");
	assert_words("bun '' \"\"", "bun||");
	assert_words("bun '$HOME `x` | & ; < > * \\'", "bun|$HOME `x` | & ; < > * \\");
	assert_words("bun \"a | & ; < > * ? ~ # ( ) '\"", "bun|a | & ; < > * ? ~ # ( ) '");
	assert_words("bun \"\\$HOME \\` \\\" \\\\ \\n\"", "bun|$HOME ` \" \\ \\n");
	assert_words("bun \"a\\\nb\"", "bun|ab");
}

static void test_backslash(void **state)
{
	assert_words("bun a\\ b \\$X \\| \\'", "bun|a b|$X|||'");
	assert_words("bun a\\\nb", "bun|ab");
	assert_words("bun a\\ ", "bun|a ");
}

static void test_what_only_looks_like_shell(void **state)
{
	assert_words("bun a$ $ 5$% x~y x#y a=b !x {a,b} ]", "bun|a$|$|5$%|x~y|x#y|a=b|!x|{a,b}|]");
	assert_words("'FOO=1' x", "FOO=1|x");
	assert_words("1=2 x", "1=2|x");
}

static void test_what_a_shell_would_do_is_refused(void **state)
{
	assert_fault("a && b", 2, "several commands");
	assert_fault("a; b", 1, "several commands");
	assert_fault("a | b", 2, "several commands");
	assert_fault("a\nb", 1, "several lines");
	assert_fault("a > b", 2, "redirects");
	assert_fault("a <b", 2, "redirects");
	assert_fault("(a)", 0, "(...)");
	assert_fault("a *.ts", 2, "pattern");
	assert_fault("a b?", 3, "pattern");
	assert_fault("a [b]", 2, "pattern");
	assert_fault("a ~/b", 2, "~");
	assert_fault("a # b", 2, "comments");
	assert_fault("a $HOME", 2, "$...");
	assert_fault("a \"$HOME\"", 3, "$...");
	assert_fault("a ${X}", 2, "$...");
	assert_fault("a $(x)", 2, "$...");
	assert_fault("a $1 $?", 2, "$...");
	assert_fault("a `x`", 2, "`...`");
	assert_fault("a \"`x`\"", 3, "`...`");
	assert_fault("FOO=1 a", 0, "env");
	assert_fault("a && b", 2, "[sh, -c, '...']");
}

static void test_what_has_no_end_is_refused(void **state)
{
	assert_fault("a 'b", 2, "no end");
	assert_fault("a \"b", 2, "no end");
	assert_fault("a \"b\\\"", 2, "no end");
	assert_fault("a\\", 1, "nothing behind it");
	assert_fault("", 0, "no command");
	assert_fault(" \n ", 0, "no command");
	assert_fault("'' x", 0, "first word is empty");
}

static void test_number_of_words_is_bounded(void **state)
{
	auto_free char *text = xmalloc(2 * WORDS_MAX + 3);

	for (size_t i = 0; i <= WORDS_MAX; i++)
		memcpy(text + 2 * i, "x ", 3);
	assert_fault(text, 2 * WORDS_MAX, "too many words");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_splits_at_blanks),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_backslash),
		cmocka_unit_test(test_what_only_looks_like_shell),
		cmocka_unit_test(test_what_a_shell_would_do_is_refused),
		cmocka_unit_test(test_what_has_no_end_is_refused),
		cmocka_unit_test(test_number_of_words_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
