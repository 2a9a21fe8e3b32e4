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

/* The result, a new value, never NULL. `out` and `errors` are the outputs of an exec case. */
json_t *case_run(const json_t *request, int out, int errors);

/* What `$` is judged by, apart from how it was got; `root` may be any value. A new value. */
json_t *case_judge(const json_t *request, const json_t *root);
