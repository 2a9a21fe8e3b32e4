// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/controller/manifest/check.h"

#include "base/limits.h"
#include "controller/manifest/yaml.h"
#include "controller/manifest/yaml_json.h"

static void assert_problems(const char *text, size_t len, bool parsed, const char *expected)
{
	struct manifest_problems problems;
	struct yaml_document document;

	manifest_problems_init(&problems);
	assert_int_equal(yaml_parse(&document, text, len, "y", &problems), parsed);
	auto_free char *shown = printed(&problems);
	assert_string_equal(shown, expected);
	if (!parsed)
		assert_null(document.root);
	yaml_free(&document);
	yaml_free(&document); // twice is fine
	manifest_problems_free(&problems);
}

#define refuses(text, expected) assert_problems(text, sizeof(text) - 1, false, expected)
#define reports(text, expected) assert_problems(text, sizeof(text) - 1, true, expected)

static void test_no_text(void **state)
{
	refuses("a: \xff\n", "y:1:4: error: this is not UTF-8 text\n");
	refuses("a: \xc3\xa9\n\xed\xa0\x80", "y:2:1: error: this is not UTF-8 text\n"); // surrogate
	refuses("\xc0\x80", "y:1:1: error: this is not UTF-8 text\n");	       // overlong NUL
	refuses("\xf4\x90\x80\x80", "y:1:1: error: this is not UTF-8 text\n"); // over U+10FFFF
	refuses("a: \xe2\x82", "y:1:4: error: this is not UTF-8 text\n");      // cut
	refuses("a: x\n b\0: 1\n", "y:2:3: error: a NUL byte is not text\n");
}

static void test_no_yaml(void **state)
{
	refuses("a: [1\n",
		"y:2:1: error: this is not YAML: flow sequence without a closing bracket\n");
	refuses("a: 'x\n",
		"y:1:5: error: this is not YAML: single-quoted scalar without closing quote\n");
	refuses("a:\n\tb: 1\n",
		"y:2:1: error: this is not YAML: tab character may not be used as indentation\n");
	refuses("a: 1\n---\nb: 2\n",
		"y:2:1: error: a second document begins here; a manifest is one document\n");
}

static void test_what_a_manifest_does_not_have(void **state)
{
	reports("a: 1\nb: 2\na: 3\n",
		"y:3:1: error: the key \"a\" is given twice, first in line 1\n");
	reports("a: &x 1\nb: *x\n",
		"y:1:4: error: anchors are not supported; \"&x\" has to go\n"
		"y:2:4: error: aliases are not supported; write out what \"*x\" stands for\n");
	reports("&x a: 1\n*x : 2\n",
		"y:1:1: error: anchors are not supported; \"&x\" has to go\n"
		"y:2:1: error: aliases are not supported; write out what \"*x\" stands for\n");
	reports("[a, b]: 1\nc: 2\n", "y:1:1: error: a key has to be a plain word\n");
	reports("? {a: [b]}\n: 1\n", "y:1:3: error: a key has to be a plain word\n");
	reports("'': 1\n", "y:1:1: error: a key cannot be empty or hold a NUL\n");
	reports("\"a\\0\": 1\n", "y:1:1: error: a key cannot be empty or hold a NUL\n");
	reports("a: \"b\\0\"\n", "y:1:4: error: a NUL byte is not text\n");
}

/* An alias inside of what it stands for, and one that grows by powers, are refused alike. */
static void test_alias_bomb(void **state)
{
	static const char BOMB[] = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\nd: &d [*d]\n";
	struct manifest_problems problems;
	struct yaml_document document;

	manifest_problems_init(&problems);
	assert_true(yaml_parse(&document, BOMB, strlen(BOMB), "y", &problems));
	assert_int_equal(problems.errors, 3 + 5);
	assert_int_equal(yaml_get(document.root, "c")->count, 2);
	assert_int_equal(yaml_get(document.root, "c")->first->kind, YAML_BROKEN);
	yaml_free(&document);
	manifest_problems_free(&problems);
}

static char *repeated(const char *begin, const char *part, size_t count, const char *end)
{
	size_t len = strlen(part);
	char *text = xmalloc(strlen(begin) + count * len + strlen(end) + 1);
	char *at = stpcpy(text, begin);

	for (size_t i = 0; i < count; i++)
		at = stpcpy(at, part);
	stpcpy(at, end);
	return text;
}

static void assert_repeated(const char *begin, const char *part, size_t count, const char *end,
			    const char *expected)
{
	auto_free char *text = repeated(begin, part, count, end);
	assert_problems(text, strlen(text), !*expected, expected);
}

static void test_limits(void **state)
{
	assert_repeated("", "[", 33, "",
			"y:1:33: error: this is nested too deeply (over 32 levels)\n");
	assert_repeated("", "- ", 33, "x",
			"y:1:65: error: this is nested too deeply (over 32 levels)\n");
	assert_repeated("", "- ", 32, "x", "");
	assert_repeated("", "- x\n", MANIFEST_ITEMS_MAX, "", "");
	assert_repeated("", "- x\n", MANIFEST_ITEMS_MAX + 1, "",
			"y:513:3: error: there is too much in this list or mapping (over 512 "
			"entries)\n");
	assert_repeated("",
			"- [a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,"
			"a,a,a,a,a,a,a,a,a,a,a]\n",
			500, "",
			"y:426:50: error: there is too much in this file (over 20000 values)\n");
	assert_repeated("a: ", "x", MANIFEST_LINE_MAX, "",
			"y:1:16386: error: this line is too long\n");
	assert_repeated("#", "[", MANIFEST_BRACKETS_MAX + 1, "x",
			"y:1:1003: error: there are too many open brackets\n");
	assert_repeated("#", "\n", MANIFEST_BYTES_MAX, "",
			"y: error: the file is too large\n");
}

static void assert_at(const struct yaml_node *node, uint32_t line, uint32_t column)
{
	assert_non_null(node);
	assert_int_equal(node->at.line, line);
	assert_int_equal(node->at.column, column);
}

static void test_tree(void **state)
{
	static const char TEXT[] = "# c\n"
				   "plain: a b\n"
				   "n\xc3\xa9: { \xc3\xa9: 'it''s', y: \"\\u00e9\" }\n"
				   "list:\n"
				   "- !Tag x\n"
				   "- k: v\n"
				   "empty:\n";
	struct manifest_problems problems;
	struct yaml_document document;

	manifest_problems_init(&problems);
	assert_true(yaml_parse(&document, TEXT, strlen(TEXT), "y", &problems));
	assert_int_equal(problems.errors, 0);
	const struct yaml_node *root = document.root;
	assert_int_equal(root->kind, YAML_MAPPING);
	assert_int_equal(root->count, 4);

	const struct yaml_node *plain = yaml_get(root, "plain");
	assert_at(plain, 2, 8);
	assert_string_equal(plain->text, "a b");
	assert_true(plain->plain);
	assert_int_equal(plain->key_at.line, 2);
	assert_int_equal(plain->key_at.column, 1);

	const struct yaml_node *quoted = yaml_get(yaml_get(root, "n\xc3\xa9"), "\xc3\xa9");
	assert_at(quoted, 3, 10);
	assert_string_equal(quoted->text, "it's");
	assert_false(quoted->plain);
	assert_string_equal(yaml_get(yaml_get(root, "n\xc3\xa9"), "y")->text, "\xc3\xa9");

	const struct yaml_node *list = yaml_get(root, "list");
	assert_int_equal(list->kind, YAML_LIST);
	assert_string_equal(list->first->tag, "!Tag");
	assert_int_equal(list->first->tag_at.line, 5);
	assert_int_equal(list->first->tag_at.column, 3);
	assert_at(yaml_get(list->last, "k"), 6, 6);

	assert_at(yaml_get(root, "empty"), 7, 1); // where its key is
	assert_null(yaml_get(root, "nothing"));
	yaml_free(&document);
	manifest_problems_free(&problems);
}

static void test_types_and_json(void **state)
{
	static const char TEXT[] =
		"[~, null, '', x, '1', 1, -1.5e3, 1e999, 01, true, False, yes, { a: [] }]";
	struct manifest_problems problems;
	struct yaml_document document;

	manifest_problems_init(&problems);
	assert_true(yaml_parse(&document, TEXT, strlen(TEXT), "y", &problems));
	auto_free char *json = yaml_to_json(document.root);
	assert_string_equal(json,
			    "[null,null,\"\",\"x\",\"1\",1,-1500.0,\"1e999\",\"01\",true,false,"
			    "\"yes\",{\"a\":[]}]");
	yaml_free(&document);
	manifest_problems_free(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_text),
		cmocka_unit_test(test_no_yaml),
		cmocka_unit_test(test_what_a_manifest_does_not_have),
		cmocka_unit_test(test_alias_bomb),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_types_and_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
