// SPDX-License-Identifier: GPL-3.0-or-later
/* What a test case asks for: a tool's call, an HTTP request or a command, by its kind. */
#include "controller/manifest/parse.h"

#include <stddef.h>

#include "base/mem.h"
#include "controller/manifest/syntax.h"
#include "controller/manifest/yaml_json.h"

void read_test_inputs(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_test *test = out;

	if (!expect(parse, value, YAML_MAPPING, "a mapping of the tool's inputs"))
		return;
	free(test->inputs);
	test->inputs = yaml_to_json(value);
}

static const struct field MCP_REQUEST_FIELDS[] = {
	{"tool", read_text, offsetof(struct manifest_test, tool), true, "the name of a tool"},
	{"inputs", read_test_inputs, 0, false, "its inputs, as YAML (default {})"},
};
const struct mapping MCP_REQUEST_MAPPING = MAPPING("a request of kind mcp", MCP_REQUEST_FIELDS);

static void read_method(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *method = take_text(parse, value, "a method such as GET");

	if (method && (!syntax_is_token(method) || strpbrk(method, "abcdefghijklmnopqrstuvwxyz")))
		report(parse, value->at, NULL, "\"%s\" is no HTTP method", excerpt(method).text);
	else if (method)
		put_text(out, method);
}

static void read_request_path(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *path = take_text(parse, value, "a path behind the endpoint's");

	if (path && !syntax_is_request_path(path))
		report(parse, value->at, NULL,
		       "\"%s\" cannot be requested: a path begins with \"/\" and has no spaces, no "
		       "\"#\" and no dot segments",
		       excerpt(path).text);
	else if (path)
		put_text(out, path);
}

static void read_headers(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_test *test = out;

	if (!expect(parse, value, YAML_MAPPING, "a mapping from headers to values"))
		return;
	each_child(child, value)
	{
		const char *text = take_scalar(parse, child, "a header's value");

		if (!syntax_is_token(child->key) || (text && !syntax_is_header_value(text))) {
			report(parse, child->key_at, NULL, "\"%s\" is no header that can be sent",
			       excerpt(child->key).text);
			continue;
		}
		struct manifest_header *header = APPEND(test, headers);
		*header = (struct manifest_header){xstrdup(child->key), xstrdup(text)};
	}
}

static void read_json_body(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_test *test = out;

	if (value->kind == YAML_BROKEN)
		return;
	test->body = yaml_to_json(value);
	test->body_json = true;
}

static void read_text_body(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_test *test = out;

	if (test->body)
		report(parse, value->key_at, NULL, "a request has either \"json\" or \"body\"");
	else
		read_any_text(parse, value, &test->body);
}

static const struct field HTTP_REQUEST_FIELDS[] = {
	{"method", read_method, offsetof(struct manifest_test, method), false, "default GET"},
	{"path", read_request_path, offsetof(struct manifest_test, path), false,
	 "put behind the endpoint's path"},
	{"headers", read_headers, 0, false, "headers: their values"},
	{"json", read_json_body, 0, false, "a body, as YAML, sent as JSON"},
	{"body", read_text_body, 0, false, "a body, sent as it is"},
};
const struct mapping HTTP_REQUEST_MAPPING = MAPPING("a request of kind http", HTTP_REQUEST_FIELDS);

static void read_test_command(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_test *test = out;
	struct command command = {0};

	read_command(parse, value, &command);
	test->argv = command.argv;
	test->n_argv = command.n_argv;
}

static const struct field EXEC_REQUEST_FIELDS[] = {
	{"command", read_test_command, 0, true, "as in a phase"},
};
const struct mapping EXEC_REQUEST_MAPPING = MAPPING("a request of kind exec", EXEC_REQUEST_FIELDS);

void read_test_request(struct parse *parse, const struct yaml_node *value, void *out)
{
	static const struct mapping *const REQUESTS[] = {
		[TEST_MCP] = &MCP_REQUEST_MAPPING,
		[TEST_HTTP] = &HTTP_REQUEST_MAPPING,
		[TEST_EXEC] = &EXEC_REQUEST_MAPPING,
	};
	struct manifest_test *test = out;

	read_mapping(parse, value, REQUESTS[test->kind], test);
}
