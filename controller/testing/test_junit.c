// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A test run as JUnit XML, as build servers read it: there is no standard, so only what all of them
 * know is written. XML 1.0 has no way to say control characters: they are escaped as on a terminal.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "controller/testing/test_report.h"

#define REPORT_MAX (256 * MIB) // the records are bounded; this is above what they can amount to

/* Text for an attribute or for content. */
static void append_xml(struct buf *out, const char *text)
{
	struct buf escaped = {.max = 4 * strlen(text) + 1};

	text_escape(&escaped, text, strlen(text));
	const char *bytes = (const char *)buf_bytes(&escaped);
	for (size_t i = 0; i < buf_len(&escaped); i++) {
		switch (bytes[i]) {
		case '&':
			buf_append_str(out, "&amp;");
			break;
		case '<':
			buf_append_str(out, "&lt;");
			break;
		case '>':
			buf_append_str(out, "&gt;");
			break;
		case '"':
			buf_append_str(out, "&quot;");
			break;
		default:
			buf_append(out, bytes + i, 1);
		}
	}
	buf_free(&escaped);
}

static void append_attribute(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, " %s=\"", name);
	append_xml(out, value);
	buf_append_str(out, "\"");
}

static void append_failure(struct buf *out, const struct test_record *record)
{
	size_t failed = 0;

	for (size_t i = 0; i < record->n_checks; i++)
		failed += !record->checks[i].passed;
	buf_printf(out, "   <failure message=\"%zu of %zu validations do not hold\">", failed,
		   record->n_checks);
	for (size_t i = 0; i < record->n_checks; i++) {
		const struct test_check *check = &record->checks[i];

		if (check->passed)
			continue;
		append_xml(out, check->text);
		buf_append_str(out, "\n  got     ");
		append_xml(out, check->got);
		buf_append_str(out, "\n  wanted  ");
		append_xml(out, check->wanted);
		buf_append_str(out, "\n");
	}
	buf_append_str(out, "</failure>\n");
}

static void append_shown(struct buf *out, const struct test_record *record)
{
	if (!record->n_shown)
		return;
	buf_append_str(out, "   <system-out>");
	for (size_t i = 0; i < record->n_shown; i++) {
		append_xml(out, record->shown[i].selector);
		buf_append_str(out, " = ");
		append_xml(out, record->shown[i].value);
		buf_append_str(out, "\n");
	}
	buf_append_str(out, "</system-out>\n");
}

static void append_case(struct buf *out, const struct test_report *report,
			const struct test_record *record)
{
	buf_append_str(out, "  <testcase");
	append_attribute(out, "name", record->id);
	buf_printf(out, " classname=\"%s.%s\" time=\"%.3f\">\n", report->kit,
		   test_kind_name(record->kind), (double)record->duration_ms / 1000);
	if (record->outcome == TEST_FAILED)
		append_failure(out, record);
	if (record->outcome == TEST_BROKEN) {
		buf_append_str(out, "   <error");
		append_attribute(out, "message", record->error);
		buf_append_str(out, "/>\n");
	}
	if (record->outcome == TEST_NOT_RUN)
		buf_append_str(out, "   <skipped/>\n");
	append_shown(out, record);
	buf_append_str(out, "  </testcase>\n");
}

char *test_junit(const struct test_report *report)
{
	struct buf out = {.max = REPORT_MAX};
	auto_free char *counts = xasprintf(
		" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\"",
		report->n_records, test_report_count(report, TEST_FAILED),
		test_report_count(report, TEST_BROKEN), test_report_count(report, TEST_NOT_RUN),
		(double)report->duration_ms / 1000);

	buf_append_str(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	buf_printf(&out, "%s>\n <testsuite name=\"%s\"%s>\n", counts, report->kit, counts);
	for (size_t i = 0; i < report->n_records; i++)
		append_case(&out, report, &report->records[i]);
	if (report->failure) {
		buf_append_str(&out, "  <system-err>");
		append_xml(&out, report->failure);
		buf_append_str(&out, "</system-err>\n");
	}
	buf_append_str(&out, " </testsuite>\n</testsuites>\n");
	return buf_take_str(&out);
}
