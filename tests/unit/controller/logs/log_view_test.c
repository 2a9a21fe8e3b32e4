// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/logs/log_view.h"
#include "log_files.h"

static int folder;

static int start(void **state)
{
	folder = log_folder_make();
	return 0;
}

static int finish(void **state)
{
	log_folder_remove(&folder);
	return 0;
}

#define AT(second, text) "2026-01-02T03:04:" second ".000Z out " text "\n"

/* What there is now, as "source:text source:text ". */
static void assert_next(struct log_view *view, const char *expected)
{
	auto_buf struct buf out;
	auto_free char *text = NULL;
	const struct log_record *record;
	const char *source;

	buf_init(&out, 10000);
	while ((record = log_view_next(view, &source)))
		assert_true(buf_printf(&out, "%s:%.*s ", source, (int)record->len, record->bytes));
	text = buf_take_str(&out);
	assert_string_equal(text, expected);
}

static struct log_view *open_view(const char *only)
{
	struct err err;
	struct log_view *view = log_view_open(folder, only, NULL, &err);

	if (!view)
		fail_msg("%s", err.text);
	return view;
}

static void test_logs_are_merged_by_time(void **state)
{
	struct log_view *view;

	log_file_append(folder, "web.log", AT("01", "a") AT("04", "d"));
	log_file_append(folder, "wire.log", AT("02", "b") AT("05", "e"));
	log_file_append(folder, "web.prepare.log", AT("00", "p"));
	log_file_append(folder, "@capakit.log", "2026-01-02T03:04:03.000Z INFO c\n");
	log_file_append(folder, "unrelated.txt", AT("00", "x"));
	view = open_view(NULL);
	assert_next(view, "web.prepare:p web:a wire:b @capakit:c web:d wire:e ");
	log_view_free(&view);
}

static void test_lines_that_were_overtaken_are_in_order(void **state)
{
	struct log_view *view;
	const char *source;

	log_file_append(folder, "@capakit.log",
			"2026-01-02T03:04:03.005Z INFO a\n"
			"2026-01-02T03:04:03.004Z INFO b\n"
			"2026-01-02T02:04:03.000Z INFO c\n");
	view = open_view(NULL);
	int64_t first = log_view_next(view, &source)->time_ms;
	assert_int_equal(log_view_next(view, &source)->time_ms, first);
	assert_true(log_view_next(view, &source)->time_ms < first); // the clock was set
	log_view_free(&view);
}

static void test_one_workload_and_its_phases(void **state)
{
	struct log_view *view;

	log_file_append(folder, "web.log", AT("01", "a"));
	log_file_append(folder, "web.prepare.log", AT("00", "p"));
	log_file_append(folder, "web2.log", AT("00", "x"));
	view = open_view("web");
	assert_next(view, "web.prepare:p web:a ");
	assert_int_equal(log_view_name_width(view), strlen("web.prepare"));
	log_view_free(&view);
}

static void test_one_phase(void **state)
{
	struct log_view *view;
	struct err err;

	log_file_append(folder, "web.log", AT("01", "a"));
	log_file_append(folder, "web.prepare.log", AT("00", "p"));
	view = log_view_open(folder, "web", "prepare", &err);
	assert_next(view, "web.prepare:p ");
	log_view_free(&view);
	view = log_view_open(folder, "web", "start", &err);
	assert_next(view, "web:a ");
	log_view_free(&view);
	assert_null(log_view_open(folder, "web", "hydrate", &err));
	assert_non_null(strstr(err.text, "no log of a phase 'hydrate' of workload 'web'"));
}

static void test_an_unknown_workload_gets_the_nearest_name(void **state)
{
	struct err err;

	log_file_append(folder, "archive.log", AT("01", "a"));
	assert_null(log_view_open(folder, "archiv", NULL, &err));
	assert_int_equal(err.code, ERR_MISSING);
	assert_non_null(strstr(err.text, "did you mean 'archive'?"));
}

static void test_new_lines_and_new_logs_are_followed(void **state)
{
	struct log_view *view;

	log_file_append(folder, "web.log", AT("01", "a"));
	view = open_view(NULL);
	assert_next(view, "web:a ");
	log_file_append(folder, "web.log", AT("02", "b") "2026-01-02T03:04:03.000Z out ha");
	log_file_append(folder, "wire.log", AT("02", "w"));
	assert_next(view, "web:b ");
	log_file_append(folder, "web.log", "lf\n");
	log_view_rescan(view);
	assert_next(view, "wire:w web:half ");
	log_view_free(&view);
}

static void rotate(void)
{
	assert_int_equal(renameat(folder, "web.log", folder, "web.log.1"), 0);
}

static void test_rotation_loses_no_line(void **state)
{
	struct log_view *view;

	log_file_append(folder, "web.log", AT("01", "a"));
	rotate();
	log_file_append(folder, "web.log", AT("02", "b"));
	view = open_view(NULL);
	assert_next(view, "web:a web:b ");
	log_file_append(folder, "web.log", AT("03", "c"));
	rotate();
	log_file_append(folder, "web.log", AT("04", "d"));
	assert_next(view, "web:c web:d ");
	log_view_free(&view);
}

static void test_lines_in_no_form_are_shown_where_they_stand(void **state)
{
	struct log_view *view;

	log_file_append(folder, "@capakit.log",
			"2026-01-02T03:04:03.000Z INFO x\nabort() was called\n");
	log_file_append(folder, "web.log", AT("04", "a"));
	view = open_view(NULL);
	assert_next(view, "@capakit:x @capakit:abort() was called web:a ");
	log_view_free(&view);
}

static void test_a_line_without_end_is_bounded(void **state)
{
	auto_free char *text = xcalloc(3 * LOG_LINE_MAX + 1, 1);
	const struct log_record *record;
	struct log_view *view;
	const char *source;

	memset(text, 'x', 3 * LOG_LINE_MAX);
	log_file_append(folder, "web.log", text);
	log_file_append(folder, "web.log", "\n" AT("01", "after"));
	view = open_view(NULL);
	record = log_view_next(view, &source);
	assert_non_null(record);
	assert_true(record->cut);
	assert_in_range(record->len, LOG_LINE_MAX, LOG_LINE_MAX + 128 * KIB);
	assert_next(view, "web:after ");
	log_view_free(&view);
}

#define view_test(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		view_test(test_logs_are_merged_by_time),
		view_test(test_lines_that_were_overtaken_are_in_order),
		view_test(test_one_workload_and_its_phases),
		view_test(test_one_phase),
		view_test(test_an_unknown_workload_gets_the_nearest_name),
		view_test(test_new_lines_and_new_logs_are_followed),
		view_test(test_rotation_loses_no_line),
		view_test(test_lines_in_no_form_are_shown_where_they_stand),
		view_test(test_a_line_without_end_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
