// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "controller/tester/mcp_message.h"
#include "controller/tester/value.h"

static json_t *parse(const char *text)
{
	json_t *value = value_from_json(text, strlen(text));
	if (!value)
		fail_msg("no JSON: %s", text);
	return value;
}

static void expect(json_t *value, const char *expected)
{
	json_t *wanted = parse(expected);
	if (!value_equal(value, wanted)) {
		auto_free char *text = json_dumps(value, JSON_ENCODE_ANY);
		fail_msg("got %s, wanted %s", text, expected);
	}
	json_decref(wanted);
	json_decref(value);
}

static enum mcp_kind kind(const char *text)
{
	json_t *message = parse(text);
	enum mcp_kind result = mcp_kind_of(message, 2);
	json_decref(message);
	return result;
}

static void what_the_client_says(void **unused)
{
	json_t *initialize = mcp_initialize(1);
	assert_string_equal(json_string_value(json_object_get(json_object_get(initialize, "params"),
							      "protocolVersion")),
			    MCP_VERSION);
	json_decref(initialize);
	expect(mcp_initialized(),
	       "{\"jsonrpc\": \"2.0\", \"method\": \"notifications/initialized\"}");
	expect(mcp_call(2, "greet", parse("{\"a\": 1}")),
	       "{\"jsonrpc\": \"2.0\", \"id\": 2, \"method\": \"tools/call\", \"params\": "
	       "{\"name\": \"greet\", \"arguments\": {\"a\": 1}}}");
	assert_true(mcp_knows_version(MCP_VERSION) && mcp_knows_version("2025-06-18"));
	assert_false(mcp_knows_version("2099-01-01") || mcp_knows_version(NULL));
}

static void what_the_server_says(void **unused)
{
	assert_int_equal(kind("{\"id\": 2, \"result\": {}}"), MCP_ANSWER);
	assert_int_equal(kind("{\"id\": 2, \"error\": {}}"), MCP_ANSWER);
	assert_int_equal(kind("{\"id\": 3, \"result\": {}}"), MCP_OTHER);
	assert_int_equal(kind("{\"id\": \"2\", \"result\": {}}"), MCP_OTHER);
	/* Its own requests may have the number of ours. */
	assert_int_equal(kind("{\"id\": 2, \"method\": \"ping\"}"), MCP_REQUEST);
	assert_int_equal(kind("{\"method\": \"notifications/progress\"}"), MCP_OTHER);
	assert_int_equal(kind("[]"), MCP_OTHER);

	json_t *ping = parse("{\"id\": \"x\", \"method\": \"ping\"}");
	expect(mcp_answer(ping), "{\"jsonrpc\": \"2.0\", \"id\": \"x\", \"result\": {}}");
	json_decref(ping);
	json_t *sampling = parse("{\"id\": 9, \"method\": \"sampling/createMessage\"}");
	json_t *answer = mcp_answer(sampling);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(answer, "error"), "code")),
		-32601);
	json_decref(answer);
	json_decref(sampling);
}

static void results(void **unused)
{
	struct err err = {0};
	json_t *good = parse("{\"id\": 2, \"result\": {\"a\": 1}}");
	assert_non_null(mcp_result(good, &err));
	json_decref(good);
	json_t *bad = parse("{\"id\": 2, \"error\": {\"code\": -1, \"message\": \"no\"}}");
	assert_null(mcp_result(bad, &err));
	assert_non_null(strstr(err.text, "\"message\":\"no\""));
	json_decref(bad);

	json_t *structured = parse("{\"structuredContent\": {\"n\": 1}, \"content\": []}");
	expect(mcp_value(structured, &err), "{\"n\": 1}");
	json_decref(structured);
	json_t *texts = parse(
		"{\"isError\": true, \"content\": [{\"type\": \"text\", \"text\": \"a\"}, "
		"{\"type\": \"image\", \"data\": \"\"}, {\"type\": \"text\", \"text\": \"b\"}]}");
	expect(mcp_value(texts, &err),
	       "{\"text\": \"a\\nb\", \"is_error\": true, \"content\": [{\"type\": \"text\", "
	       "\"text\": \"a\"}, {\"type\": \"image\", \"data\": \"\"}, {\"type\": \"text\", "
	       "\"text\": \"b\"}]}");
	json_decref(texts);
	json_t *neither = parse("{\"text\": \"a\"}");
	assert_null(mcp_value(neither, &err));
	json_decref(neither);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_client_says),
		cmocka_unit_test(what_the_server_says),
		cmocka_unit_test(results),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
