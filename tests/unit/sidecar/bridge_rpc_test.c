// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "sidecar/bridge_rpc.h"

static struct bridge_request parse(const char *line)
{
	struct bridge_request request;
	size_t len = strlen(line);
	auto_free char *exact = xmalloc(len ? len : 1); // without a NUL behind it

	memcpy(exact, line, len);
	bridge_parse(exact, len, &request);
	return request;
}

static void requests_are_understood(void **state)
{
	struct bridge_request request = parse("{\"id\":\"1\",\"op\":\"resolve_secret\",\"params\":{"
					      "\"secret_mid\":\"model_key\"}}");

	(void)state;
	assert_int_equal(request.op, BRIDGE_RESOLVE_SECRET);
	assert_string_equal(request.id, "1");
	assert_string_equal(request.secret, "model_key");
	request = parse(" {\"op\":\"resolve_secret\",\"params\":{\"secret_key\":\"k\"},\"id\":7,"
			"\"more\":[]}\r");
	assert_int_equal(request.op, BRIDGE_RESOLVE_SECRET);
	assert_string_equal(request.id, "7");
	assert_string_equal(request.secret, "k");
	request = parse("{\"id\":\"a\",\"op\":\"workload_ready\",\"params\":null}");
	assert_int_equal(request.op, BRIDGE_WORKLOAD_READY);
}

static void others_are_answered_with_an_error(void **state)
{
	static const struct {
		const char *line;
		const char *id;
		const char *code;
	} cases[] = {
		{"", "", "InvalidRequest"},
		{"{", "", "InvalidRequest"},
		{"[]", "", "InvalidRequest"},
		{"null", "", "InvalidRequest"},
		{"{\"id\":\"1\"}", "1", "InvalidRequest"},
		{"{\"op\":\"workload_ready\"}", "", "InvalidRequest"},
		{"{\"id\":{},\"op\":\"workload_ready\"}", "", "InvalidRequest"},
		{"{\"id\":\"1\",\"op\":\"format_disk\"}", "1", "UnknownOperation"},
		{"{\"id\":\"1\",\"op\":\"resolve_secret\"}", "1", "InvalidRequest"},
		{"{\"id\":\"1\",\"op\":\"resolve_secret\",\"params\":{\"secret_mid\":\"\"}}", "1",
		 "InvalidRequest"},
		{"{\"id\":\"1\",\"op\":\"resolve_secret\",\"params\":{\"secret_mid\":5}}", "1",
		 "InvalidRequest"},
		{"{\"id\":\"1\",\"op\":\"resolve_secret\",\"params\":{\"secret_mid\":\"a\\u0000b\"}"
		 "}",
		 "", "InvalidRequest"},
		{"{\"id\":\"1\",\"id\":\"2\",\"op\":\"workload_ready\"}", "", "InvalidRequest"},
		{"{\"id\":\"1\",\"op\":\"workload_ready\"} {}", "", "InvalidRequest"},
		{"{\"id\":\"1\",\"x\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}", "", "InvalidRequest"},
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		struct bridge_request request = parse(cases[i].line);

		if (request.op != BRIDGE_INVALID || !str_eq(request.id, cases[i].id) ||
		    !str_eq(request.code, cases[i].code) || !request.message)
			fail_msg("%s: op %d, id %s, code %s", cases[i].line, request.op, request.id,
				 request.code ? request.code : "none");
	}
}

/* Four megabytes of brackets would become hundreds in the parser's memory. */
static void many_values_are_refused_before_they_cost_memory(void **state)
{
	size_t len = BRIDGE_LINE_MAX;
	auto_free char *line = xmalloc(len);
	struct bridge_request request;

	(void)state;
	memset(line, ',', len);
	line[0] = '[';
	bridge_parse(line, len, &request);
	assert_string_equal(request.message, "a request with too many values");
	memcpy(line, "{\"id\":\"1\",\"op\":\"workload_ready\",\"pad\":\"", 39);
	line[len - 2] = '"';
	line[len - 1] = '}';
	bridge_parse(line, len, &request); // but commas in a string are only text
	assert_int_equal(request.op, BRIDGE_WORKLOAD_READY);
}

static void names_that_are_too_long_are_refused(void **state)
{
	auto_free char *name = xcalloc(SECRET_NAME_MAX + 2, 1);
	auto_free char *line = NULL;

	(void)state;
	memset(name, 'n', SECRET_NAME_MAX + 1);
	line = xasprintf(
		"{\"id\":\"1\",\"op\":\"resolve_secret\",\"params\":{\"secret_mid\":\"%s\"}}",
		name);
	assert_int_equal(parse(line).op, BRIDGE_INVALID);
}

static void answers_are_one_line_of_json(void **state)
{
	static const char value[] = "a\"b\\c\nd\x01\x7f\xc3\xa4\xf0\x9f\x98\x80";
	auto_buf struct buf out;
	auto_free char *text = NULL;

	(void)state;
	buf_init(&out, 4096);
	assert_true(bridge_put_value(&out, "i\"d", value, sizeof(value) - 1));
	assert_true(bridge_put_done(&out, "2"));
	assert_true(bridge_put_error(&out, "3", "NotGranted", "no\n", true));
	text = buf_take_str(&out);
	assert_string_equal(
		text, "{\"id\":\"i\\\"d\",\"ok\":{\"value\":"
		      "\"a\\\"b\\\\c\\u000ad\\u0001\\u007f\xc3\xa4\xf0\x9f\x98\x80\"}}\n"
		      "{\"id\":\"2\",\"ok\":{}}\n"
		      "{\"id\":\"3\",\"error\":{\"code\":\"NotGranted\",\"message\":\"no\\u000a\","
		      "\"options\":{\"retryable\":true}}}\n");
}

static void a_value_that_is_no_text_is_refused(void **state)
{
	static const char *const cases[] = {"\xff",	    "\xc0\x80",	    "\xc3",
					    "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
					    "\xf8\x88",	    "a\x80"};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_buf struct buf out;

		buf_init(&out, 4096);
		assert_false(bridge_put_value(&out, "1", cases[i], strlen(cases[i])));
	}
}

static void the_size_of_a_value_is_never_exceeded(void **state)
{
	char controls[64];
	auto_buf struct buf out;

	(void)state;
	memset(controls, 1, sizeof(controls));
	buf_init(&out, bridge_value_size("\x01\x01", sizeof(controls)));
	assert_true(bridge_put_value(&out, "\x01\x01", controls, sizeof(controls)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_understood),
		cmocka_unit_test(others_are_answered_with_an_error),
		cmocka_unit_test(many_values_are_refused_before_they_cost_memory),
		cmocka_unit_test(names_that_are_too_long_are_refused),
		cmocka_unit_test(answers_are_one_line_of_json),
		cmocka_unit_test(a_value_that_is_no_text_is_refused),
		cmocka_unit_test(the_size_of_a_value_is_never_exceeded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
