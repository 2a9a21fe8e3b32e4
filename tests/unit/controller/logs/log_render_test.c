// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/logs/log_render.h"

#define STAMP "2026-01-02T03:04:05.678Z"

static char *render_record(const struct log_style *style, const struct log_record *record)
{
	struct buf out;

	buf_init(&out, 16 * MIB);
	log_render(&out, style, "web", record);
	return buf_take_str(&out);
}

static char *render(const struct log_style *style, enum log_stream stream, bool cut,
		    const char *bytes, size_t len)
{
	struct log_record record = {
		.time_ms = 1767323045678, .stream = stream, .cut = cut, .bytes = bytes, .len = len};

	return render_record(style, &record);
}

static const struct log_style PLAIN = {.name_width = 5};
static const struct log_style JSON = {.json = true};

static void assert_text(enum log_stream stream, bool cut, const char *line, const char *expected)
{
	auto_free char *text = render(&PLAIN, stream, cut, line, strlen(line));
	auto_free char *whole = xasprintf(STAMP " web   %s\n", expected);

	assert_string_equal(text, whole);
}

static void test_text_has_the_level_of_its_stream(void **state)
{
	assert_text(LOG_STREAM_OUT, false, "hello", "INFO  hello");
	assert_text(LOG_STREAM_ERR, false, "hello\r", "WARN  hello");
	assert_text(LOG_STREAM_OUT, true, "hello", "INFO  hello [cut]");
	assert_text(LOG_STREAM_OUT, false, "", "INFO  ");
}

static void test_controls_never_reach_the_terminal(void **state)
{
	assert_text(LOG_STREAM_OUT, false, "\x1b]0;title\x07 \xc2\x9b \xff",
		    "INFO  \\x1b]0;title\\x07 \\xc2\\x9b \\xff");
	assert_text(LOG_STREAM_OUT, false,
		    "{\"v\":1,\"ev\":{\"level\":\"info\",\"msg\":\"\\u001b[2J\",\"\\u001bk\":"
		    "\"\\u009b\"}}",
		    "INFO  \\x1b[2J \\x1bk=\\xc2\\x9b");
}

static void test_structured_records(void **state)
{
	assert_text(LOG_STREAM_OUT, false,
		    "{\"v\":1,\"ev\":{\"level\":\"Info\",\"msg\":\"[host-log][info] hi\","
		    "\"time\":1,\"port\":80,\"who\":\"me\",\"x\":{\"a\":[1]}},\"ctx\":{\"k\":1}}",
		    "INFO  hi port=80 who=me x={\"a\":[1]}");
	assert_text(LOG_STREAM_OUT, false, "{\"v\":1,\"ev\":{\"level\":\"eRRor\",\"msg\":\"x\"}}",
		    "ERROR x");
	assert_text(LOG_STREAM_ERR, false, "{\"v\":1,\"ev\":{\"level\":\"debug\",\"msg\":\"x\"}}",
		    "DEBUG x");
	assert_text(LOG_STREAM_OUT, false,
		    "{\"v\":1,\"ev\":{\"level\":\"odd\",\"msg\":\"[host-log] x\"}}",
		    "INFO  [host-log] x");
}

static void test_other_json_is_text(void **state)
{
	static const char *const LINES[] = {
		"{\"v\":2,\"ev\":{\"level\":\"error\",\"msg\":\"x\"}}",
		"{\"ev\":{\"level\":\"error\",\"msg\":\"x\"}}",
		"{\"v\":1,\"ev\":[]}",
		"{\"v\":1}",
		"{\"v\":1,\"ev\":{\"level\":\"error\",\"msg\":\"x\"}",
		"[1]",
		"{",
	};

	for (size_t i = 0; i < array_len(LINES); i++) {
		auto_free char *expected = xasprintf("INFO  %s", LINES[i]);

		assert_text(LOG_STREAM_OUT, false, LINES[i], expected);
	}
}

static void test_a_line_break_in_a_message_is_marked(void **state)
{
	assert_text(LOG_STREAM_OUT, false,
		    "{\"v\":1,\"ev\":{\"level\":\"info\",\"msg\":\"a\\n" STAMP " web INFO b\"}}",
		    "INFO  a\n    | " STAMP " web INFO b");
}

static void test_a_cut_record_keeps_level_and_beginning(void **state)
{
	assert_text(LOG_STREAM_OUT, true,
		    "{\"v\":1,\"ev\":{\"level\":\"Error\",\"msg\":\"[host-log][error] it be",
		    "ERROR it be [cut]");
	assert_text(LOG_STREAM_OUT, true, // cut within an escape, within UTF-8, after a member
		    "{\"v\":1,\"ev\":{\"level\":\"Error\",\"msg\":\"it\\u00", "ERROR it [cut]");
	assert_text(LOG_STREAM_OUT, true,
		    "{\"v\":1,\"ev\":{\"level\":\"Error\",\"msg\":\"it\xe2\x82", "ERROR it [cut]");
	assert_text(LOG_STREAM_OUT, true,
		    "{\"v\":1,\"ev\":{\"level\":\"Error\",\"msg\":\"it\",\"da", "ERROR it [cut]");
	assert_text(LOG_STREAM_OUT, true,
		    "{\"v\":1,\"ev\":{\"level\":\"Error\",\"msg\":\"it\",\"data\":{\"x\":[\"y",
		    "ERROR it data={\"x\":[\"y\"]} [cut]");
}

static void test_a_record_cut_at_the_maximum(void **state)
{
	static const char HEAD[] = "{\"v\":1,\"ev\":{\"level\":\"Error\",\"msg\":\"begin ";
	auto_free char *line = xmalloc(LOG_LINE_MAX);
	auto_free char *text = NULL;

	memset(line, 'x', LOG_LINE_MAX);
	memcpy(line, HEAD, strlen(HEAD));
	text = render(&PLAIN, LOG_STREAM_OUT, true, line, LOG_LINE_MAX);
	assert_non_null(strstr(text, " ERROR begin xxx"));
	assert_non_null(strstr(text, "xxx [cut]\n"));
}

static void test_own_lines_have_their_level(void **state)
{
	struct log_record record = {.time_ms = 1767323045678,
				    .stream = LOG_STREAM_OWN,
				    .level = LOG_LEVEL_ERROR,
				    .bytes = "keeper: gone",
				    .len = 12};
	auto_free char *text = render_record(&PLAIN, &record);

	assert_string_equal(text, STAMP " web   ERROR keeper: gone\n");
}

static void assert_json(enum log_stream stream, const char *line, size_t len, const char *expected)
{
	auto_free char *text = render(&JSON, stream, false, line, len);
	auto_free char *whole =
		xasprintf("{\"time\":\"" STAMP "\",\"workload\":\"web\",%s}\n", expected);

	assert_string_equal(text, whole);
}

static void test_json_lines(void **state)
{
	static const char RECORD[] =
		"{\"v\":1,\"ev\":{\"level\":\"Warn\",\"msg\":\"hi\",\"time\":5,"
		"\"k\":1},\"ctx\":{\"c\":2}}";

	assert_json(
		LOG_STREAM_ERR, "a\x1b\0\xff", 4,
		"\"stream\":\"stderr\",\"level\":\"warn\",\"message\":\"a\\\\x1b\\\\x00\\\\xff\"");
	assert_json(LOG_STREAM_OUT, "gr\xc3\xbc \x1b\x7f", 7,
		    "\"stream\":\"stdout\",\"level\":\"info\",\"message\":\"gr\\u00FC "
		    "\\u001B\\u007F\"");
	assert_json(LOG_STREAM_OUT, RECORD, strlen(RECORD),
		    "\"stream\":\"stdout\",\"level\":\"warn\",\"message\":\"hi\","
		    "\"fields\":{\"time\":5,\"k\":1},\"ctx\":{\"c\":2}");
}

static void test_colours_are_only_ours(void **state)
{
	struct log_style style = {.colour = true};
	auto_free char *text = render(&style, LOG_STREAM_ERR, false, "\x1b[31mred", 8);

	assert_non_null(strstr(text, "\033[33mWARN \033[0m \\x1b[31mred\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_has_the_level_of_its_stream),
		cmocka_unit_test(test_controls_never_reach_the_terminal),
		cmocka_unit_test(test_structured_records),
		cmocka_unit_test(test_other_json_is_text),
		cmocka_unit_test(test_a_line_break_in_a_message_is_marked),
		cmocka_unit_test(test_a_cut_record_keeps_level_and_beginning),
		cmocka_unit_test(test_a_record_cut_at_the_maximum),
		cmocka_unit_test(test_own_lines_have_their_level),
		cmocka_unit_test(test_json_lines),
		cmocka_unit_test(test_colours_are_only_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
