// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/testing/test_report.h"

static struct manifest_validation validations[] = {{.text = (char[]){"$.a.eq(1)"}},
						   {.text = (char[]){"$.b.eq(2)"}}};
static struct manifest_selector shown[] = {{.text = (char[]){"$.a"}}};
static struct manifest_test test = {
	.id = (char[]){"t"},
	.kind = TEST_HTTP,
	.description = (char[]){"what it is for"},
	.validations = validations,
	.n_validations = 2,
	.verbose_output = shown,
	.n_verbose_output = 1,
};

static struct test_report report;

static int set_up(void **unused)
{
	test_report_init(&report, "kit", 4);
	return 0;
}

static int tear_down(void **unused)
{
	test_report_free(&report);
	return 0;
}

static struct test_record *take(const char *result)
{
	struct test_record *record = test_report_add(&report, &test);
	test_record_take(record, &test, result, strlen(result));
	return record;
}

#define PASSED(a, b)                                                                               \
	"{\"validations\": [{\"passed\": " a                                                       \
	", \"got\": \"x\", \"wanted\": \"1\"}, {\"passed\": " b                                    \
	", \"got\": \"<\\u001b[2J&\\\"\", \"wanted\": \"2\"}], \"verbose\": [\"v\"]}"

static void outcomes(void **unused)
{
	assert_int_equal(take(PASSED("true", "true"))->outcome, TEST_PASSED);
	assert_true(test_report_passed(&report));
	assert_int_equal(take(PASSED("true", "false"))->outcome, TEST_FAILED);
	const struct test_record *broken = take("{\"error\": \"no reply\"}");
	assert_int_equal(broken->outcome, TEST_BROKEN);
	assert_string_equal(broken->error, "no reply");
	assert_false(test_report_passed(&report));
	assert_int_equal(test_report_count(&report, TEST_PASSED), 1);
}

/* The tester has read hostile bytes: whatever it says that is no result makes no case pass. */
static void what_is_no_result_passes_nothing(void **unused)
{
	static const char *const results[] = {
		"",
		"{",
		"[]",
		"{}",
		"{\"validations\": [], \"verbose\": [\"v\"]}",
		"{\"validations\": [{}, {}], \"verbose\": [\"v\"]}",
		"{\"validations\": [{\"passed\": 1, \"got\": \"\", \"wanted\": \"\"}, {\"passed\": "
		"true, \"got\": \"\", \"wanted\": \"\"}], \"verbose\": [\"v\"]}",
		"{\"validations\": [{\"passed\": true, \"got\": \"\", \"wanted\": \"\"}, "
		"{\"passed\": "
		"true, \"got\": \"\", \"wanted\": \"\"}], \"verbose\": []}",
	};
	for (size_t i = 0; i < array_len(results); i++) {
		const struct test_record *record = take(results[i]);
		assert_int_equal(record->outcome, TEST_BROKEN);
		assert_int_equal(record->n_checks, 0);
		tear_down(NULL);
		set_up(NULL);
	}
}

static void a_report_without_cases_does_not_pass(void **unused)
{
	assert_false(test_report_passed(&report));
}

static void people_get_escaped_lines(void **unused)
{
	struct buf out = {.max = MIB};
	struct test_record *record = take(PASSED("true", "false"));
	record->duration_ms = 1234;
	test_text_case(record, false, &out);
	auto_free char *text = buf_take_str(&out);
	assert_string_equal(text, "[✗] t  http  1.234 s\n"
				  "    what it is for\n"
				  "    $.b.eq(2)\n"
				  "      got     <\\x1b[2J&\"\n"
				  "      wanted  2\n"
				  "    $.a = v\n");
	test_report_add(&report, &test);
	report.duration_ms = 2500;
	test_text_summary(&report, false, &out);
	auto_free char *summary = buf_take_str(&out);
	assert_string_equal(summary, "0 passed, 1 failed, 1 not run in 2.5 s\n");
}

static void junit_escapes_what_xml_cannot_say(void **unused)
{
	take(PASSED("true", "false"));
	take("{\"error\": \"<no>\"}");
	test_report_add(&report, &test);
	report.failure = xstrdup("a & b");
	auto_free char *text = test_junit(&report);
	assert_non_null(strstr(text, "<testsuite name=\"kit\" tests=\"3\" failures=\"1\" "
				     "errors=\"1\" skipped=\"1\""));
	assert_non_null(strstr(text, "message=\"1 of 2 validations do not hold\""));
	assert_non_null(strstr(text, "got     &lt;\\x1b[2J&amp;&quot;\n"));
	assert_non_null(strstr(text, "<error message=\"&lt;no&gt;\"/>"));
	assert_non_null(strstr(text, "<skipped/>"));
	assert_non_null(strstr(text, "<system-err>a &amp; b</system-err>"));
	assert_null(strchr(text, '\x1b'));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(outcomes),
		TEST(what_is_no_result_passes_nothing),
		TEST(a_report_without_cases_does_not_pass),
		TEST(people_get_escaped_lines),
		TEST(junit_escapes_what_xml_cannot_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
