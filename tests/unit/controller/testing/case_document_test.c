// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>

#include "base/mem.h"
#include "controller/testing/case_document.h"

static const char MANIFEST[] =
	"version: '1'\n"
	"name: kit\n"
	"workloads:\n"
	"  web:\n"
	"    endpoints: [http, mcp]\n"
	"    runtime: { source: { toolchain: bun, start: { command: x } } }\n"
	"expose: [{ path: /, target: web, endpoints: [http] }]\n"
	"tests:\n"
	"- id: a\n"
	"  kind: http\n"
	"  target: { workload: web, endpoint: http }\n"
	"  request: { path: /x, method: POST, json: { a: [1] }, headers: { X-A: b } }\n"
	"  verbose_output: [$.body.a]\n"
	"  validations: ['$.body.eq(1)', '$.status_code.gt(2)']\n"
	"- id: b\n"
	"  kind: http\n"
	"  target: { exposed_path: / }\n"
	"  request: { path: /y, body: t, headers: { Content-Type: text/x } }\n"
	"- id: c\n"
	"  kind: mcp\n"
	"  target: { workload: web, endpoint: mcp }\n"
	"  request: { tool: t, inputs: { n: 1 } }\n"
	"- id: d\n"
	"  kind: exec\n"
	"  target: { workload: web }\n"
	"  request: { command: ls }\n";

static struct manifest *manifest;

static int set_up(void **unused)
{
	struct manifest_problems problems;
	manifest_problems_init(&problems);
	manifest = manifest_parse(MANIFEST, sizeof(MANIFEST) - 1, "capability.yml", &problems);
	manifest_problems_print(stderr, &problems);
	manifest_problems_free(&problems);
	return manifest == NULL;
}

static int tear_down(void **unused)
{
	manifest_free(&manifest);
	return 0;
}

static void expect(char *document, const char *expected)
{
	json_t *got = json_loads(document, 0, NULL);
	json_t *wanted = json_loads(expected, 0, NULL);
	assert_non_null(wanted);
	if (!json_equal(got, wanted))
		fail_msg("got %s, wanted %s", document, expected);
	json_decref(got);
	json_decref(wanted);
	free(document);
}

static void http_to_a_workload_goes_to_a_socket(void **unused)
{
	const struct case_target target = {.socket = "0.sock"};
	expect(case_document(&manifest->tests[0], &target),
	       "{\"kind\": \"http\", \"url\": \"http://localhost/http/x\", \"socket\": \"0.sock\","
	       " \"method\": \"POST\", \"body\": \"{\\\"a\\\":[1]}\","
	       " \"headers\": [\"X-A: b\", \"content-type: application/json\"],"
	       " \"validations\": [\"$.body.eq(1)\", \"$.status_code.gt(2)\"],"
	       " \"verbose\": [\"$.body.a\"]}");
}

static void http_to_an_exposed_path_goes_to_the_app(void **unused)
{
	const struct case_target target = {.address = "127.1.2.3", .port = 80};
	expect(case_document(&manifest->tests[1], &target),
	       "{\"kind\": \"http\", \"url\": \"http://127.1.2.3:80/y\", \"method\": \"GET\","
	       " \"body\": \"t\", \"headers\": [\"Content-Type: text/x\"],"
	       " \"validations\": [\"$.status_code.lt(400)\"], \"verbose\": []}");
}

static void mcp_has_a_tool_and_inputs(void **unused)
{
	const struct case_target target = {.socket = "1.sock"};
	expect(case_document(&manifest->tests[2], &target),
	       "{\"kind\": \"mcp\", \"url\": \"http://localhost/mcp\", \"socket\": \"1.sock\","
	       " \"tool\": \"t\", \"inputs\": {\"n\": 1}, \"validations\": [], \"verbose\": []}");
}

static void exec_has_what_became_of_it(void **unused)
{
	expect(case_document_exec(&manifest->tests[3], 137),
	       "{\"kind\": \"exec\", \"exit_code\": 137, \"validations\": "
	       "[\"$.exit_code.eq(0)\"], \"verbose\": []}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(http_to_a_workload_goes_to_a_socket),
		cmocka_unit_test(http_to_an_exposed_path_goes_to_the_app),
		cmocka_unit_test(mcp_has_a_tool_and_inputs),
		cmocka_unit_test(exec_has_what_became_of_it),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
