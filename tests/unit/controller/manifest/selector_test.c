// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/controller/manifest/check.h"

#include "controller/manifest/selector.h"

static void test_steps(void **state)
{
	struct manifest_selector selector;
	struct selector_fault fault;

	assert_true(
		selector_parse("$.headers[\"content-type\"].a-b_c[12]['x.y']", &selector, &fault));
	assert_int_equal(selector.n_steps, 5);
	assert_string_equal(selector.steps[0].name, "headers");
	assert_string_equal(selector.steps[1].name, "content-type");
	assert_string_equal(selector.steps[2].name, "a-b_c");
	assert_null(selector.steps[3].name);
	assert_int_equal(selector.steps[3].index, 12);
	assert_string_equal(selector.steps[4].name, "x.y");
	selector_clear(&selector);
	selector_clear(&selector); // twice is fine

	assert_true(selector_parse("$", &selector, &fault));
	assert_int_equal(selector.n_steps, 0);
	selector_clear(&selector);
}

static void test_validation(void **state)
{
	struct manifest_validation validation;
	struct selector_fault fault;

	assert_true(validation_parse("$.a[0].eq( \"x)\" )", &validation, &fault));
	assert_int_equal(validation.validator, VALIDATE_EQ);
	assert_string_equal(validation.argument, " \"x)\" ");
	assert_string_equal(validation.text, "$.a[0].eq( \"x)\" )");
	assert_int_equal(validation.selector.n_steps, 2);
	validation_clear(&validation);

	assert_true(validation_parse("$.exists()", &validation, &fault));
	assert_int_equal(validation.selector.n_steps, 0);
	assert_null(validation.argument);
	validation_clear(&validation);
}

/* Every validator of the contract, with an argument that it takes and one that it refuses. */
static void test_each_validator(void **state)
{
	static const struct {
		const char *name;
		const char *takes;
		const char *refuses;
	} VALIDATORS[] = {
		{"eq", "null", "x"},
		{"ne", "[1]", ""},
		{"gt", "1.5", "\"1\""},
		{"gte", "1", "true"},
		{"lt", "-1", "[]"},
		{"lte", "0", "null"},
		{"exists", "", "1"},
		{"not_exists", " ", "null"},
		{"contains", "{}", "'x'"},
		{"not_contains", "\"a\"", "a"},
		{"matches", "\"^a\"", "1"},
		{"starts_with", "\"\"", "1"},
		{"ends_with", "\"x\"", "false"},
		{"lenEq", "0", "1.5"},
		{"lenGte", "3", "-1"},
		{"lenLte", "9", "\"9\""},
		{"typeIs", "\"array\"", "\"list\""},
	};
	struct manifest_validation validation;
	struct selector_fault fault;

	for (size_t i = 0; i < array_len(VALIDATORS); i++) {
		auto_free char *good =
			xasprintf("$.x.%s(%s)", VALIDATORS[i].name, VALIDATORS[i].takes);
		auto_free char *bad =
			xasprintf("$.x.%s(%s)", VALIDATORS[i].name, VALIDATORS[i].refuses);

		if (!validation_parse(good, &validation, &fault))
			fail_msg("%s: %s", good, fault.text);
		assert_string_equal(manifest_validator_name(validation.validator),
				    VALIDATORS[i].name);
		validation_clear(&validation);
		if (validation_parse(bad, &validation, &fault))
			fail_msg("%s is taken", bad);
	}
}

static void test_faults_are_at_their_place(void **state)
{
	static const struct {
		const char *text;
		size_t offset;
	} FAULTS[] = {
		{"", 0},	 {"x", 0},	   {"$x", 1},	 {"$.", 1},
		{"$..a", 1},	 {"$.a[", 3},	   {"$.a[]", 3}, {"$.a[-1]", 3},
		{"$.a['b]", 3},	 {"$.a['b'x]", 3}, {"$.a b", 3}, {"$.a.eq(1) ", 7},
		{"$.a.eq(1", 7}, {"$.a.EQ(1)", 4}, {"$.a", 3},
	};
	struct manifest_validation validation;
	struct selector_fault fault;

	for (size_t i = 0; i < array_len(FAULTS); i++) {
		if (validation_parse(FAULTS[i].text, &validation, &fault))
			fail_msg("%s is taken", FAULTS[i].text);
		if (fault.offset != FAULTS[i].offset)
			fail_msg("%s: %s at %zu", FAULTS[i].text, fault.text, fault.offset);
	}
}

static void test_steps_are_bounded(void **state)
{
	struct manifest_selector selector;
	struct selector_fault fault;
	char text[1 + 3 * 65 + 1] = "$";

	for (size_t i = 0; i < 65; i++)
		memcpy(text + 1 + 3 * i, "[0]", 4);
	assert_false(selector_parse(text, &selector, &fault));
	assert_int_equal(fault.offset, 1 + 3 * 64);
	text[1 + 3 * 64] = '\0';
	assert_true(selector_parse(text, &selector, &fault));
	selector_clear(&selector);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_validation),
		cmocka_unit_test(test_each_validator),
		cmocka_unit_test(test_faults_are_at_their_place),
		cmocka_unit_test(test_steps_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
