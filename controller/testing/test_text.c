// SPDX-License-Identifier: GPL-3.0-or-later
/* A test run as lines for a person. Everything that a Kit or a workload had a part in is escaped.
 */
#include "controller/cli/term.h"
#include "controller/testing/test_report.h"

#include "base/mem.h"

static const struct {
	const char *mark;
	enum term_style style;
} MARKS[] = {
	[TEST_NOT_RUN] = {"[-]", TERM_YELLOW},
	[TEST_PASSED] = {"[✓]", TERM_GREEN},
	[TEST_FAILED] = {"[✗]", TERM_RED},
	[TEST_BROKEN] = {"[✗]", TERM_RED},
};

static void append_line(struct buf *out, const char *label, const char *text)
{
	buf_append_str(out, label);
	term_append(out, false, TERM_PLAIN, text);
	buf_append_str(out, "\n");
}

static void append_check(const struct test_check *check, bool colour, struct buf *out)
{
	if (check->passed)
		return;
	buf_append_str(out, "    ");
	term_append(out, colour, TERM_BOLD, check->text);
	buf_append_str(out, "\n");
	append_line(out, "      got     ", check->got);
	append_line(out, "      wanted  ", check->wanted);
}

void test_text_case(const struct test_record *record, bool colour, struct buf *out)
{
	term_append(out, colour, MARKS[record->outcome].style, MARKS[record->outcome].mark);
	buf_append_str(out, " ");
	term_append(out, colour, TERM_BOLD, record->id);
	buf_printf(out, "  %s  %.3f s\n", test_kind_name(record->kind),
		   (double)record->duration_ms / 1000);
	if (record->outcome != TEST_PASSED && record->description)
		append_line(out, "    ", record->description);
	if (record->error)
		append_line(out, "    ", record->error);
	for (size_t i = 0; i < record->n_checks; i++)
		append_check(&record->checks[i], colour, out);
	for (size_t i = 0; i < record->n_shown; i++) {
		buf_append_str(out, "    ");
		term_append(out, colour, TERM_DIM, record->shown[i].selector);
		append_line(out, " = ", record->shown[i].value);
	}
}

void test_text_summary(const struct test_report *report, bool colour, struct buf *out)
{
	size_t failed =
		test_report_count(report, TEST_FAILED) + test_report_count(report, TEST_BROKEN);
	size_t not_run = test_report_count(report, TEST_NOT_RUN);
	auto_free char *counts =
		xasprintf("%zu passed, %zu failed", test_report_count(report, TEST_PASSED), failed);

	term_append(out, colour, failed || not_run ? TERM_RED : TERM_GREEN, counts);
	if (not_run)
		buf_printf(out, ", %zu not run", not_run);
	buf_printf(out, " in %.1f s\n", (double)report->duration_ms / 1000);
}
