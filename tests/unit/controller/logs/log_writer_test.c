// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "controller/logs/log_writer.h"
#include "log_files.h"

static int folder;
static struct log_writer *writer;

static int start(void **state)
{
	struct err err;

	folder = log_folder_make();
	writer = log_writer_open(folder, "web", &err);
	assert_non_null(writer);
	return 0;
}

static int finish(void **state)
{
	log_writer_free(&writer);
	log_folder_remove(&folder);
	return 0;
}

static void feed(enum log_stream stream, const char *text)
{
	log_writer_feed(writer, stream, text, strlen(text));
}

/* The file without its stamps, which are checked to be there. */
static void assert_stored(const char *expected)
{
	size_t len;
	auto_free char *data = log_file_read(folder, "web.log", &len);
	auto_buf struct buf rest;
	auto_free char *text = NULL;

	buf_init(&rest, 100000);
	for (size_t at = 0; at < len;) {
		const char *end = memchr(data + at, '\n', len - at);
		int64_t ms;

		assert_non_null(end);
		assert_true(log_stamp_parse(data + at, (size_t)(end - data) - at, &ms));
		assert_true(buf_append(&rest, data + at + LOG_STAMP_LEN + 1,
				       (size_t)(end - data) - at - LOG_STAMP_LEN));
		at = (size_t)(end - data) + 1;
	}
	text = buf_take_str(&rest);
	assert_string_equal(text, expected);
}

static void test_lines_are_stamped_and_kept_apart(void **state)
{
	feed(LOG_STREAM_OUT, "one\ntw");
	feed(LOG_STREAM_ERR, "oops\n");
	feed(LOG_STREAM_OUT, "o\n\n");
	assert_stored("out one\nerr oops\nout two\nout \n");
}

static void test_a_last_line_without_end_is_stored_at_the_end(void **state)
{
	feed(LOG_STREAM_OUT, "half");
	assert_stored("");
	log_writer_end_lines(writer);
	log_writer_end_lines(writer);
	assert_stored("out half\n");
}

static void test_bytes_stay_as_they_are(void **state)
{
	size_t len;
	auto_free char *data = NULL;

	log_writer_feed(writer, LOG_STREAM_OUT, "\x1b[2J\0\xff\r\n", 8);
	data = log_file_read(folder, "web.log", &len);
	assert_int_equal(len, LOG_STAMP_LEN + 5 + 8);
	assert_memory_equal(data + LOG_STAMP_LEN + 5, "\x1b[2J\0\xff\r\n", 8);
}

static void test_own_lines_keep_their_stamp(void **state)
{
	size_t len;
	auto_free char *data = NULL;

	feed(LOG_STREAM_OWN, "2026-01-02T03:04:05.678Z INFO keeper: ready\n");
	data = log_file_read(folder, "web.log", &len);
	assert_string_equal(data, "2026-01-02T03:04:05.678Z INFO keeper: ready\n");
}

static void test_a_line_of_ours_that_is_not_in_form_is_stamped(void **state)
{
	feed(LOG_STREAM_OWN, "glibc says something\n");
	feed(LOG_STREAM_OWN, "2026-01-02T03:04:05.678Z out forged\n");
	assert_stored("err glibc says something\n"
		      "err 2026-01-02T03:04:05.678Z out forged\n");
}

static void assert_long_line(size_t fed, size_t kept, const char *mark)
{
	auto_free char *line = xmalloc(fed + 1);
	auto_free char *data = NULL;
	size_t len, head = LOG_STAMP_LEN + 1 + strlen(mark);

	memset(line, 'x', fed);
	line[fed] = '\n';
	for (size_t at = 0; at < fed + 1; at += 60000)
		log_writer_feed(writer, LOG_STREAM_OUT, line + at,
				fed + 1 - at < 60000 ? fed + 1 - at : 60000);
	feed(LOG_STREAM_OUT, "next\n");
	data = log_file_read(folder, "web.log", &len);
	assert_memory_equal(data + LOG_STAMP_LEN + 1, mark, strlen(mark));
	assert_int_equal(strcspn(data, "\n"), head + kept);
	assert_non_null(strstr(data + head + kept, " out next\n"));
}

static void test_a_long_line_is_kept_whole(void **state)
{
	assert_long_line(LOG_LINE_MAX, LOG_LINE_MAX, "out ");
}

static void test_a_line_over_the_maximum_is_cut_and_marked(void **state)
{
	assert_long_line(3 * LOG_LINE_MAX, LOG_LINE_MAX, "out+cut ");
}

static size_t size_of(const char *name)
{
	struct stat info;

	return fstatat(folder, name, &info, 0) == 0 ? (size_t)info.st_size : 0;
}

static void test_two_bounded_files_hold_the_newest_lines(void **state)
{
	static char block[LOG_LINE_MAX + 1];
	size_t len;
	auto_free char *data = NULL;

	memset(block, 'x', LOG_LINE_MAX);
	block[LOG_LINE_MAX] = '\n';
	for (size_t i = 0; i < 40; i++)
		log_writer_feed(writer, LOG_STREAM_OUT, block, sizeof(block));
	feed(LOG_STREAM_OUT, "the last\n");
	assert_in_range(size_of("web.log"), 1, LOG_FILE_MAX);
	assert_in_range(size_of("web.log.1"), LOG_FILE_MAX / 2, LOG_FILE_MAX);
	assert_int_equal(size_of("web.log.2"), 0);
	data = log_file_read(folder, "web.log", &len);
	assert_non_null(strstr(data, " out the last\n"));
}

/* A file size limit stands in for a full disk. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit = {bytes, RLIM_INFINITY};

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_lines_that_cannot_be_written_are_counted(void **state)
{
	size_t len;
	auto_free char *data = NULL;

	feed(LOG_STREAM_OUT, "before\n");
	limit_files(50);
	feed(LOG_STREAM_OUT, "torn in the middle\n");
	feed(LOG_STREAM_OUT, "lost\n");
	limit_files(RLIM_INFINITY);
	feed(LOG_STREAM_OUT, "after\n");
	data = log_file_read(folder, "web.log", &len);
	assert_non_null(strstr(data, " WARN log: 2 lines before this one are lost: "));
	assert_non_null(strstr(data, " out after\n"));
	assert_null(strstr(data, "lost\n"));
	for (const char *line = data; *line; line += strcspn(line, "\n") + 1)
		assert_int_equal(line[0], '2'); // each begins with a stamp
}

static void test_the_tail_has_the_last_lines_escaped(void **state)
{
	auto_buf struct buf out;
	auto_free char *text = NULL;

	for (int i = 0; i < 50; i++) {
		auto_free char *line = xasprintf("line %d\n", i);

		feed(LOG_STREAM_OUT, line);
	}
	feed(LOG_STREAM_ERR, "\x1b[2J\n");
	buf_init(&out, 1000);
	log_writer_tail(writer, 3, &out);
	text = buf_take_str(&out);
	assert_string_equal(text, "line 48\nline 49\n\\x1b[2J\n");
	log_writer_tail(writer, 1000, &out);
	assert_int_equal(buf_len(&out), (LOG_TAIL_LINES - 1) * 8 + 8);
}

static void test_a_folder_that_is_gone_is_an_error(void **state)
{
	struct err err;
	struct log_writer *other = log_writer_open(folder, "no/such", &err);

	assert_null(other);
	assert_non_null(strstr(err.text, "no/such.log"));
}

static void test_a_symlink_is_not_followed(void **state)
{
	struct err err;

	assert_int_equal(symlinkat("/dev/null", folder, "evil.log"), 0);
	assert_null(log_writer_open(folder, "evil", &err));
}

#define writer_test(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		writer_test(test_lines_are_stamped_and_kept_apart),
		writer_test(test_a_last_line_without_end_is_stored_at_the_end),
		writer_test(test_bytes_stay_as_they_are),
		writer_test(test_own_lines_keep_their_stamp),
		writer_test(test_a_line_of_ours_that_is_not_in_form_is_stamped),
		writer_test(test_a_long_line_is_kept_whole),
		writer_test(test_a_line_over_the_maximum_is_cut_and_marked),
		writer_test(test_two_bounded_files_hold_the_newest_lines),
		writer_test(test_lines_that_cannot_be_written_are_counted),
		writer_test(test_the_tail_has_the_last_lines_escaped),
		writer_test(test_a_folder_that_is_gone_is_an_error),
		writer_test(test_a_symlink_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
