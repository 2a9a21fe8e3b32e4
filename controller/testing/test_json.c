// SPDX-License-Identifier: GPL-3.0-or-later
/* A test run as one JSON document (docs/testing.md). Keys are added, never renamed. */
#include "controller/cli/json_out.h"
#include "controller/testing/test_report.h"

static json_t *check_of(const struct test_check *check)
{
	json_t *object = json_object();

	json_put(object, "validation", json_escaped(check->text));
	json_put(object, "passed", json_boolean(check->passed));
	json_put(object, "got", json_escaped(check->got));
	json_put(object, "wanted", json_escaped(check->wanted));
	return object;
}

static json_t *shown_of(const struct test_shown *shown)
{
	json_t *object = json_object();

	json_put(object, "selector", json_escaped(shown->selector));
	json_put(object, "value", json_escaped(shown->value));
	return object;
}

static json_t *case_of(const struct test_record *record)
{
	json_t *object = json_object();
	json_t *checks = json_array();
	json_t *shown = json_array();

	for (size_t i = 0; i < record->n_checks; i++)
		json_array_append_new(checks, check_of(&record->checks[i]));
	for (size_t i = 0; i < record->n_shown; i++)
		json_array_append_new(shown, shown_of(&record->shown[i]));
	json_put(object, "id", json_string(record->id));
	json_put(object, "kind", json_string(test_kind_name(record->kind)));
	json_put(object, "description", json_escaped(record->description));
	json_put(object, "outcome", json_string(test_outcome_name(record->outcome)));
	json_put(object, "error", json_escaped(record->error));
	json_put(object, "duration_ms", json_integer((json_int_t)record->duration_ms));
	json_put(object, "validations", checks);
	json_put(object, "verbose_output", shown);
	return object;
}

static json_t *count_of(const struct test_report *report, enum test_outcome outcome)
{
	return json_integer((json_int_t)test_report_count(report, outcome));
}

json_t *test_json(const struct test_report *report)
{
	json_t *document = json_object();
	json_t *tests = json_array();

	for (size_t i = 0; i < report->n_records; i++)
		json_array_append_new(tests, case_of(&report->records[i]));
	json_put(document, "kit", json_string(report->kit));
	json_put(document, "ok", json_boolean(test_report_passed(report)));
	json_put(document, "passed", count_of(report, TEST_PASSED));
	json_put(document, "failed", count_of(report, TEST_FAILED));
	json_put(document, "errors", count_of(report, TEST_BROKEN));
	json_put(document, "not_run", count_of(report, TEST_NOT_RUN));
	json_put(document, "duration_ms", json_integer((json_int_t)report->duration_ms));
	json_put(document, "failure", json_escaped(report->failure));
	json_put(document, "tests", tests);
	return document;
}
