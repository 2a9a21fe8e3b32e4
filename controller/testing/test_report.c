// SPDX-License-Identifier: GPL-3.0-or-later
/* The records of a test run, and how the tester's words get into them. */
#include "controller/testing/test_report.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "controller/testing/case_document.h"

void test_report_init(struct test_report *report, const char *kit, size_t most)
{
	*report = (struct test_report){
		.kit = xstrdup(kit),
		.records = xcalloc(most + 1, sizeof(*report->records)),
	};
}

struct test_record *test_report_add(struct test_report *report, const struct manifest_test *test)
{
	struct test_record *record = &report->records[report->n_records++];

	*record = (struct test_record){
		.id = xstrdup(test->id),
		.kind = test->kind,
		.description = xstrdup(test->description),
	};
	return record;
}

static void clear_judgement(struct test_record *record)
{
	for (size_t i = 0; i < record->n_checks; i++) {
		free(record->checks[i].text);
		free(record->checks[i].got);
		free(record->checks[i].wanted);
	}
	for (size_t i = 0; i < record->n_shown; i++) {
		free(record->shown[i].selector);
		free(record->shown[i].value);
	}
	free(record->checks);
	free(record->shown);
	record->checks = NULL;
	record->shown = NULL;
	record->n_checks = record->n_shown = 0;
}

void test_report_free(struct test_report *report)
{
	for (size_t i = 0; i < report->n_records; i++) {
		struct test_record *record = &report->records[i];

		clear_judgement(record);
		free(record->id);
		free(record->description);
		free(record->error);
	}
	free(report->records);
	free(report->kit);
	free(report->failure);
	*report = (struct test_report){0};
}

size_t test_report_count(const struct test_report *report, enum test_outcome outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < report->n_records; i++)
		count += report->records[i].outcome == outcome;
	return count;
}

bool test_report_passed(const struct test_report *report)
{
	return report->n_records && test_report_count(report, TEST_PASSED) == report->n_records &&
	       !report->failure;
}

void test_record_break(struct test_record *record, const char *format, ...)
{
	char text[2048];
	va_list args;

	if (record->outcome == TEST_BROKEN)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	clear_judgement(record);
	record->outcome = TEST_BROKEN;
	record->error = xstrdup(text);
}

static bool take_check(struct test_check *check, const char *text, const json_t *said)
{
	const json_t *passed = json_object_get(said, "passed");
	const char *got = json_string_value(json_object_get(said, "got"));
	const char *wanted = json_string_value(json_object_get(said, "wanted"));

	if (!json_is_boolean(passed) || !got || !wanted)
		return false;
	*check = (struct test_check){.text = xstrdup(text),
				     .passed = json_is_true(passed),
				     .got = xstrdup(got),
				     .wanted = xstrdup(wanted)};
	return true;
}

static bool take_checks(struct test_record *record, const struct manifest_test *test,
			const json_t *said)
{
	size_t count = case_count_validations(test);

	if (!json_is_array(said) || json_array_size(said) != count)
		return false;
	record->checks = xcalloc(count + 1, sizeof(*record->checks));
	for (; record->n_checks < count; record->n_checks++)
		if (!take_check(&record->checks[record->n_checks],
				case_validation(test, record->n_checks),
				json_array_get(said, record->n_checks)))
			return false;
	return true;
}

static bool take_shown(struct test_record *record, const struct manifest_test *test,
		       const json_t *said)
{
	size_t count = test->n_verbose_output;

	if (!json_is_array(said) || json_array_size(said) != count)
		return false;
	record->shown = xcalloc(count + 1, sizeof(*record->shown));
	for (; record->n_shown < count; record->n_shown++) {
		const char *value = json_string_value(json_array_get(said, record->n_shown));

		if (!value)
			return false;
		record->shown[record->n_shown] = (struct test_shown){
			.selector = xstrdup(test->verbose_output[record->n_shown].text),
			.value = xstrdup(value),
		};
	}
	return true;
}

static bool all_hold(const struct test_record *record)
{
	for (size_t i = 0; i < record->n_checks; i++)
		if (!record->checks[i].passed)
			return false;
	return true;
}

void test_record_take(struct test_record *record, const struct manifest_test *test,
		      const char *result, size_t len)
{
	json_error_t ignored;
	json_t *said = json_loadb(result, len, 0, &ignored);
	const char *error = json_string_value(json_object_get(said, "error"));

	if (error)
		test_record_break(record, "%s", error);
	else if (!take_checks(record, test, json_object_get(said, "validations")) ||
		 !take_shown(record, test, json_object_get(said, "verbose")))
		test_record_break(record, "the tester ended without a result");
	else
		record->outcome = all_hold(record) ? TEST_PASSED : TEST_FAILED;
	json_decref(said);
}

const char *test_kind_name(enum test_kind kind)
{
	static const char *const NAMES[] = {
		[TEST_MCP] = "mcp", [TEST_HTTP] = "http", [TEST_EXEC] = "exec"};

	return NAMES[kind];
}

const char *test_outcome_name(enum test_outcome outcome)
{
	static const char *const NAMES[] = {[TEST_NOT_RUN] = "not_run",
					    [TEST_PASSED] = "passed",
					    [TEST_FAILED] = "failed",
					    [TEST_BROKEN] = "error"};

	return NAMES[outcome];
}
