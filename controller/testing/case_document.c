// SPDX-License-Identifier: GPL-3.0-or-later
/* The controller's half of what it and the tester say to each other; see case_document.h. */
#include "controller/testing/case_document.h"

#include <jansson.h>
#include <strings.h>

#include "base/mem.h"

static const char *implied(const struct manifest_test *test)
{
	static const char *const VALIDATIONS[] = {
		[TEST_MCP] = NULL,
		[TEST_HTTP] = "$.status_code.lt(400)",
		[TEST_EXEC] = "$.exit_code.eq(0)",
	};

	return test->n_validations ? NULL : VALIDATIONS[test->kind];
}

size_t case_count_validations(const struct manifest_test *test)
{
	return implied(test) ? 1 : test->n_validations;
}

const char *case_validation(const struct manifest_test *test, size_t i)
{
	return implied(test) ? implied(test) : test->validations[i].text;
}

static json_t *validations(const struct manifest_test *test)
{
	json_t *list = json_array();

	for (size_t i = 0; i < case_count_validations(test); i++)
		json_array_append_new(list, json_string(case_validation(test, i)));
	return list;
}

static json_t *verbose(const struct manifest_test *test)
{
	json_t *list = json_array();

	for (size_t i = 0; i < test->n_verbose_output; i++)
		json_array_append_new(list, json_string(test->verbose_output[i].text));
	return list;
}

static json_t *new_document(const struct manifest_test *test, const char *kind)
{
	return json_pack("{s:s, s:o, s:o}", "kind", kind, "validations", validations(test),
			 "verbose", verbose(test));
}

static char *finish(json_t *document)
{
	char *text = json_dumps(document, JSON_COMPACT);

	json_decref(document);
	return text;
}

/* ---- http ---- */

static bool has_header(const struct manifest_test *test, const char *name)
{
	for (size_t i = 0; i < test->n_headers; i++)
		if (strcasecmp(test->headers[i].name, name) == 0)
			return true;
	return false;
}

static void append_header(json_t *list, const char *name, const char *value)
{
	auto_free char *line = xasprintf("%s: %s", name, value);

	json_array_append_new(list, json_string(line));
}

static json_t *headers(const struct manifest_test *test)
{
	json_t *list = json_array();

	for (size_t i = 0; i < test->n_headers; i++)
		append_header(list, test->headers[i].name, test->headers[i].value);
	if (test->body && !has_header(test, "content-type"))
		append_header(list, "content-type",
			      test->body_json ? "application/json" : "text/plain; charset=utf-8");
	return list;
}

static void add_request(json_t *document, const struct manifest_test *test)
{
	json_object_set_new(document, "method", json_string(test->method));
	json_object_set_new(document, "headers", headers(test));
	if (test->body)
		json_object_set_new(document, "body", json_string(test->body));
}

/* ---- mcp ---- */

static void add_call(json_t *document, const struct manifest_test *test)
{
	json_error_t ignored;

	json_object_set_new(document, "tool", json_string(test->tool));
	json_object_set_new(document, "inputs", json_loads(test->inputs, 0, &ignored));
}

/* ---- both ---- */

static char *url_of(const struct manifest_test *test, const struct case_target *target)
{
	const char *base = test->exposed_path ? test->exposed_path : test->endpoint;
	const char *rest = test->path ? test->path : "";
	const char *path = *rest && str_eq(base, "/") ? "" : base;

	if (target->socket)
		return xasprintf("http://localhost%s%s", path, rest);
	return xasprintf("http://%s:%u%s%s", target->address, target->port, path, rest);
}

char *case_document(const struct manifest_test *test, const struct case_target *target)
{
	json_t *document = new_document(test, test->kind == TEST_MCP ? "mcp" : "http");
	auto_free char *url = url_of(test, target);

	json_object_set_new(document, "url", json_string(url));
	if (target->socket)
		json_object_set_new(document, "socket", json_string(target->socket));
	if (test->kind == TEST_MCP)
		add_call(document, test);
	else
		add_request(document, test);
	return finish(document);
}

char *case_document_exec(const struct manifest_test *test, int exit_code)
{
	json_t *document = new_document(test, "exec");

	json_object_set_new(document, "exit_code", json_integer(exit_code));
	return finish(document);
}
