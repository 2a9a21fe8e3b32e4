// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "controller/logs/log_record.h"

#define STAMP "2026-01-02T03:04:05.678Z"
#define STAMP_MS 1767323045678

static void test_a_stamp_goes_both_ways(void **state)
{
	char stamp[LOG_STAMP_LEN + 1];
	int64_t ms = 0;

	log_stamp_format(stamp, STAMP_MS);
	assert_string_equal(stamp, STAMP);
	assert_true(log_stamp_parse(STAMP, strlen(STAMP), &ms));
	assert_int_equal(ms, STAMP_MS);
	assert_false(log_stamp_parse("2026-01-02 03:04:05.678Z", 24, &ms));
	assert_false(log_stamp_parse("2026-01-02T03:04:05.67xZ", 24, &ms));
	assert_false(log_stamp_parse(STAMP, 23, &ms));
}

static void test_a_stored_line_goes_both_ways(void **state)
{
	auto_buf struct buf out;
	struct log_record record;

	buf_init(&out, 100);
	assert_true(log_record_append(&out, STAMP_MS, LOG_STREAM_ERR, true, "a\0b", 3));
	assert_int_equal(buf_len(&out), strlen(STAMP " err+cut a b\n"));
	assert_true(log_record_parse((char *)buf_bytes(&out), buf_len(&out) - 1, &record));
	assert_int_equal(record.time_ms, STAMP_MS);
	assert_int_equal(record.stream, LOG_STREAM_ERR);
	assert_true(record.cut);
	assert_int_equal(record.len, 3);
	assert_memory_equal(record.bytes, "a\0b", 3);
}

static void test_a_line_that_does_not_fit_is_not_begun(void **state)
{
	auto_buf struct buf out;

	buf_init(&out, 40);
	assert_false(log_record_append(&out, STAMP_MS, LOG_STREAM_OUT, false,
				       "far too long for this buffer", 28));
	assert_int_equal(buf_len(&out), 0);
}

static void test_own_lines_have_a_level(void **state)
{
	static const char LINE[] = STAMP " WARN sidecar web: out of luck";
	struct log_record record;

	assert_true(log_record_parse(LINE, strlen(LINE), &record));
	assert_int_equal(record.stream, LOG_STREAM_OWN);
	assert_int_equal(record.level, LOG_LEVEL_WARN);
	assert_int_equal(record.len, strlen("sidecar web: out of luck"));
}

static void test_other_lines_are_refused(void **state)
{
	static const char *const LINES[] = {
		"",
		"text",
		STAMP,
		STAMP " ",
		STAMP " out",
		STAMP " foo bar",
		"out x",
		" " STAMP " out x",
		STAMP " +cut x",
		STAMP "  out x",
	};
	struct log_record record;

	for (size_t i = 0; i < array_len(LINES); i++)
		assert_false(log_record_parse(LINES[i], strlen(LINES[i]), &record));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_stamp_goes_both_ways),
		cmocka_unit_test(test_a_stored_line_goes_both_ways),
		cmocka_unit_test(test_a_line_that_does_not_fit_is_not_begun),
		cmocka_unit_test(test_own_lines_have_a_level),
		cmocka_unit_test(test_other_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
