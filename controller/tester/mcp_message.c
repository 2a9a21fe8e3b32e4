// SPDX-License-Identifier: GPL-3.0-or-later
/* What is said in a session of MCP, apart from how it is carried; see mcp_message.h. */
#include "controller/tester/mcp_message.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/version.h"
#include "controller/tester/value.h"

enum { JSONRPC_NO_METHOD = -32601 };

json_t *mcp_initialize(int id)
{
	return json_pack("{s:s, s:i, s:s, s:{s:s, s:{}, s:{s:s, s:s}}}", "jsonrpc", "2.0", "id", id,
			 "method", "initialize", "params", "protocolVersion", MCP_VERSION,
			 "capabilities", "clientInfo", "name", "capakit-test", "version",
			 CAPAKIT_VERSION);
}

json_t *mcp_initialized(void)
{
	return json_pack("{s:s, s:s}", "jsonrpc", "2.0", "method", "notifications/initialized");
}

json_t *mcp_call(int id, const char *tool, json_t *inputs)
{
	return json_pack("{s:s, s:i, s:s, s:{s:s, s:o}}", "jsonrpc", "2.0", "id", id, "method",
			 "tools/call", "params", "name", tool, "arguments", inputs);
}

bool mcp_knows_version(const char *version)
{
	static const char *const VERSIONS[] = {MCP_VERSION, "2025-06-18", "2025-03-26"};

	for (size_t i = 0; i < array_len(VERSIONS); i++)
		if (str_eq(version, VERSIONS[i]))
			return true;
	return false;
}

enum mcp_kind mcp_kind_of(const json_t *message, int id)
{
	const json_t *its_id = json_object_get(message, "id");

	if (json_is_string(json_object_get(message, "method")))
		return its_id ? MCP_REQUEST : MCP_OTHER;
	if (json_is_integer(its_id) && json_integer_value(its_id) == id)
		return MCP_ANSWER;
	return MCP_OTHER;
}

json_t *mcp_answer(const json_t *request)
{
	const char *method = json_string_value(json_object_get(request, "method"));
	json_t *id = json_object_get(request, "id");

	if (str_eq(method, "ping"))
		return json_pack("{s:s, s:O, s:{}}", "jsonrpc", "2.0", "id", id, "result");
	return json_pack("{s:s, s:O, s:{s:i, s:s}}", "jsonrpc", "2.0", "id", id, "error", "code",
			 JSONRPC_NO_METHOD, "message",
			 "the client of a test offers nothing to its server");
}

const json_t *mcp_result(const json_t *answer, struct err *err)
{
	const json_t *result = json_object_get(answer, "result");
	const json_t *error = json_object_get(answer, "error");

	if (json_is_object(result) && !error)
		return result;
	auto_free char *text = error ? value_text(error, TEST_SHOWN_MAX) : NULL;
	err_set(err, ERR_PROTOCOL, "the server answered %s%s",
		text ? "with the error " : "with neither a result nor an error", text ? text : "");
	return NULL;
}

/* The texts of a tool's content, one below the other. */
static json_t *content_text(const json_t *content)
{
	struct buf text = {.max = TEST_REPLY_MAX};

	for (size_t i = 0; i < json_array_size(content); i++) {
		const json_t *part = json_array_get(content, i);
		const json_t *its_text = json_object_get(part, "text");

		if (!str_eq(json_string_value(json_object_get(part, "type")), "text") ||
		    !json_is_string(its_text))
			continue;
		if (buf_len(&text))
			buf_append(&text, "\n", 1);
		buf_append(&text, json_string_value(its_text), json_string_length(its_text));
	}
	json_t *value = value_from_bytes(buf_bytes(&text), buf_len(&text));
	buf_free(&text);
	return value;
}

json_t *mcp_value(const json_t *result, struct err *err)
{
	json_t *structured = json_object_get(result, "structuredContent");
	json_t *content = json_object_get(result, "content");

	if (json_is_object(structured))
		return json_incref(structured);
	if (!json_is_array(content)) {
		err_set(err, ERR_PROTOCOL,
			"the result of the tool has neither content nor structuredContent");
		return NULL;
	}
	return json_pack("{s:o, s:O, s:b}", "text", content_text(content), "content", content,
			 "is_error", json_is_true(json_object_get(result, "isError")));
}
