// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One test case, from the document that the controller wrote to the document that it reads. What is
 * asked of the case is one JSON object:
 *   {"kind": "http", "url", "socket", "method", "headers": ["Name: value"], "body",
 *    "validations": ["$.a.eq(1)"], "verbose": ["$.a"]}
 *   {"kind": "mcp", "url", "socket", "tool", "inputs", ...}       `socket` and `body` may be
 * missing
 *   {"kind": "exec", "exit_code", ...}                            its output is in two descriptors
 * and what it came to is another:
 *   {"error": "why nothing can be judged"}
 *   {"validations": [{"passed", "got", "wanted"}], "verbose": ["the value as JSON"]}
 */
#include <jansson.h>

struct http_client;

struct case_run {
	const json_t *request;
	int out, errors;	    // descriptors, of an exec case
	struct http_client *client; // of the others
	struct http_client *second;
};

/* Gets what the case needs of the system, before the process confines itself. */
void case_begin(struct case_run *run, const json_t *request, int out, int errors);
void case_end(struct case_run *run);

/* The result, a new value, never NULL. */
json_t *case_run(const struct case_run *run);

/* What `$` is judged by, apart from how it was got; `root` may be any value. A new value. */
json_t *case_judge(const json_t *request, const json_t *root);
