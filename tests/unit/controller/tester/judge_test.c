// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "controller/manifest/selector.h"
#include "controller/tester/judge.h"
#include "controller/tester/value.h"

static const char ROOT[] =
	"{\"n\": 3, \"r\": 3.0, \"big\": 9007199254740993, \"text\": \"hello w\\u00f6rld\", "
	"\"list\": [1, \"two\", {\"a\": null}], \"yes\": true, \"none\": null, \"empty\": \"\","
	"\"odd name\": {\"b\": [[7]]}}";

struct expected {
	const char *validation;
	bool passed;
	const char *got; // of those that fail
	const char *wanted;
};

static void check_all(const struct expected *expected, size_t count)
{
	json_t *root = value_from_json(ROOT, sizeof(ROOT) - 1);
	assert_non_null(root);
	for (size_t i = 0; i < count; i++) {
		struct manifest_validation validation;
		struct selector_fault fault;
		struct verdict verdict;
		if (!validation_parse(expected[i].validation, &validation, &fault))
			fail_msg("%s: %s", expected[i].validation, fault.text);
		judge(root, &validation, &verdict);
		if (verdict.passed != expected[i].passed)
			fail_msg("%s: got %s, wanted %s", expected[i].validation, verdict.got,
				 verdict.wanted);
		if (expected[i].got)
			assert_string_equal(verdict.got, expected[i].got);
		if (expected[i].wanted)
			assert_string_equal(verdict.wanted, expected[i].wanted);
		verdict_clear(&verdict);
		validation_clear(&validation);
	}
	json_decref(root);
}

static void equality_is_that_of_json(void **unused)
{
	static const struct expected expected[] = {
		{"$.n.eq(3)", true, "3", "3"},
		{"$.n.eq(3.0)", true, NULL, NULL},
		{"$.r.eq(3)", true, NULL, NULL},
		{"$.n.eq(4)", false, "3", "4"},
		{"$.n.eq(\"3\")", false, "3", "\"3\""},
		{"$.text.eq(\"hello wörld\")", true, NULL, NULL},
		{"$.text.eq(\"hello\")", false, "\"hello wörld\"", "\"hello\""},
		{"$.list.eq([1, \"two\", {\"a\": null}])", true, NULL, NULL},
		{"$.list.eq([1, \"two\"])", false, NULL, "[1,\"two\"]"},
		{"$.none.eq(null)", true, NULL, NULL},
		{"$[\"odd name\"].eq({\"b\": [[7.0]]})", true, NULL, NULL},
		{"$.n.ne(4)", true, NULL, NULL},
		{"$.n.ne(3)", false, "3", "anything but 3"},
	};
	check_all(expected, array_len(expected));
}

static void paths_go_through_members_and_elements(void **unused)
{
	static const struct expected expected[] = {
		{"$.list[1].eq(\"two\")", true, NULL, NULL},
		{"$.list[2].a.eq(null)", true, NULL, NULL},
		{"$[\"odd name\"].b[0][0].eq(7)", true, NULL, NULL},
		{"$.list[9].eq(1)", false, "nothing", "1"},
		{"$.n.a.exists()", false, "nothing", "something"},
		{"$.text[0].exists()", false, "nothing", NULL},
		{"$.typeIs(\"object\")", true, NULL, NULL},
	};
	check_all(expected, array_len(expected));
}

static void numbers_are_compared_exactly(void **unused)
{
	static const struct expected expected[] = {
		{"$.n.gt(2.5)", true, NULL, NULL},
		{"$.n.gt(3)", false, "3", "more than 3"},
		{"$.n.gte(3)", true, NULL, NULL},
		{"$.n.gte(4)", false, "3", "at least 4"},
		{"$.n.lt(4)", true, NULL, NULL},
		{"$.n.lt(3)", false, "3", "less than 3"},
		{"$.n.lte(3)", true, NULL, NULL},
		{"$.n.lte(2)", false, "3", "at most 2"},
		{"$.big.gt(9007199254740992)", true, NULL, NULL},
		{"$.big.eq(9007199254740992)", false, NULL, NULL},
		{"$.text.gt(1)", false, "\"hello wörld\" (not a number)", "more than 1"},
	};
	check_all(expected, array_len(expected));
}

static void what_is_there_and_what_is_not(void **unused)
{
	static const struct expected expected[] = {
		{"$.none.exists()", true, NULL, NULL},
		{"$.nothing.exists()", false, "nothing", "something"},
		{"$.nothing.not_exists()", true, NULL, NULL},
		{"$.none.not_exists()", false, "null", "nothing"},
		/* What is not there satisfies nothing else: a wrong path must not pass a test. */
		{"$.nothing.ne(1)", false, "nothing", NULL},
		{"$.nothing.not_contains(\"a\")", false, "nothing", NULL},
		{"$.nothing.lenLte(5)", false, "nothing", NULL},
	};
	check_all(expected, array_len(expected));
}

static void contents(void **unused)
{
	static const struct expected expected[] = {
		{"$.text.contains(\"wör\")", true, NULL, NULL},
		{"$.text.contains(\"x\")", false, "\"hello wörld\"",
		 "something that contains \"x\""},
		{"$.text.not_contains(\"x\")", true, NULL, NULL},
		{"$.text.not_contains(\"hello\")", false, NULL,
		 "something that does not contain \"hello\""},
		{"$.list.contains(1.0)", true, NULL, NULL},
		{"$.list.contains(2)", false, NULL, NULL},
		{"$.list.not_contains({\"a\": null})", false, NULL, NULL},
		{"$.contains(\"odd name\")", true, NULL, NULL},
		{"$.n.contains(3)", false, "3 (a number cannot contain that)", NULL},
		{"$.n.not_contains(3)", false, "3 (a number cannot contain that)", NULL},
		{"$.text.starts_with(\"hello\")", true, NULL, NULL},
		{"$.text.starts_with(\"world\")", false, NULL, "a text that starts with \"world\""},
		{"$.text.ends_with(\"rld\")", true, NULL, NULL},
		{"$.text.ends_with(\"much longer than the text itself\")", false, NULL, NULL},
		{"$.list.ends_with(\"a\")", false, "[1,\"two\",{\"a\":null}] (not a text)", NULL},
		{"$.text.matches(\"^h.*w.rld$\")", true, NULL, NULL},
		{"$.text.matches(\"\\\\d\")", false, "\"hello wörld\"",
		 "a text that matches \"\\\\d\""},
		{"$.n.matches(\"3\")", false, "3 (not a text)", NULL},
		{"$.text.matches(\"(\")", false,
		 "\"hello wörld\" (the pattern cannot be used: missing closing parenthesis)", NULL},
	};
	check_all(expected, array_len(expected));
}

static void lengths_and_types(void **unused)
{
	static const struct expected expected[] = {
		{"$.text.lenEq(11)", true, NULL, NULL}, // characters, not bytes
		{"$.text.lenEq(12)", false, "\"hello wörld\" (length 11)", "a length of 12"},
		{"$.list.lenGte(3)", true, NULL, NULL},
		{"$.list.lenGte(4)", false, "[1,\"two\",{\"a\":null}] (length 3)",
		 "a length of at least 4"},
		{"$.empty.lenLte(0)", true, NULL, NULL},
		{"$.list.lenLte(2)", false, NULL, "a length of at most 2"},
		{"$[\"odd name\"].lenEq(1)", true, NULL, NULL},
		{"$.n.lenEq(1)", false, "3 (a number has no length)", NULL},
		{"$.r.typeIs(\"number\")", true, NULL, NULL},
		{"$.yes.typeIs(\"boolean\")", true, NULL, NULL},
		{"$.none.typeIs(\"null\")", true, NULL, NULL},
		{"$.list.typeIs(\"array\")", true, NULL, NULL},
		{"$.n.typeIs(\"string\")", false, "3 (type number)", "the type \"string\""},
	};
	check_all(expected, array_len(expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality_is_that_of_json),
		cmocka_unit_test(paths_go_through_members_and_elements),
		cmocka_unit_test(numbers_are_compared_exactly),
		cmocka_unit_test(what_is_there_and_what_is_not),
		cmocka_unit_test(contents),
		cmocka_unit_test(lengths_and_types),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
