// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What came of the test cases of a Kit (kit-contract.md, section 5), and the forms in which it is
 * told: lines for people, one JSON document, JUnit XML. Pure. All texts are copies that the report
 * owns; those that workloads had a part in are UTF-8, and are escaped where they are shown.
 */
#include <jansson.h>

#include "base/buf.h"
#include "controller/manifest/manifest.h"

enum test_outcome {
	TEST_NOT_RUN,
	TEST_PASSED,
	TEST_FAILED, // a validation does not hold
	TEST_BROKEN, // there is nothing to judge: `error` says why
};

struct test_check {
	char *text; // the validation as it was written
	bool passed;
	char *got;
	char *wanted;
};

struct test_shown { // of verbose_output
	char *selector;
	char *value;
};

struct test_record {
	char *id;
	enum test_kind kind;
	char *description; // NULL: none
	enum test_outcome outcome;
	char *error;
	uint64_t duration_ms;
	struct test_check *checks;
	size_t n_checks;
	struct test_shown *shown;
	size_t n_shown;
};

struct test_report {
	char *kit;
	struct test_record *records; // in the order of the manifest
	size_t n_records;
	uint64_t duration_ms;
	char *failure; // of the app, so that some were not run; NULL: none
};

/* A case that is to be run. The record stays where it is until test_report_free. */
void test_report_init(struct test_report *report, const char *kit, size_t most);
struct test_record *test_report_add(struct test_report *report, const struct manifest_test *test);
void test_report_free(struct test_report *report);

size_t test_report_count(const struct test_report *report, enum test_outcome outcome);
bool test_report_passed(const struct test_report *report); // every case, and there is one

/*
 * Fills the record from the tester's result for this case (tester/case.h). What is no such result
 * makes the case broken: the tester reads hostile bytes, and is believed no further than that.
 */
void test_record_take(struct test_record *record, const struct manifest_test *test,
		      const char *result, size_t len);
/* There is nothing to judge; keeps the first reason. */
void test_record_break(struct test_record *record, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

const char *test_kind_name(enum test_kind kind);	  // "mcp", "http", "exec"
const char *test_outcome_name(enum test_outcome outcome); // "passed", "failed", "error", "not_run"

/* Lines for a person; `verbose` texts are cut already. */
void test_text_case(const struct test_record *record, bool colour, struct buf *out);
void test_text_summary(const struct test_report *report, bool colour, struct buf *out);

json_t *test_json(const struct test_report *report); // a new value
char *test_junit(const struct test_report *report);
