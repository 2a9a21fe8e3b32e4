// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/controller/manifest/check.h"

static void test_selectors(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    endpoints: [http, mcp, { protocol: oaic, path: /o }]\n" RUNTIME
			     "  n:\n" RUNTIME
			     "expose: [{ path: /mcp, target: a, endpoints: [mcp] }]\n"
			     "tests:\n"
			     "- id: a\n"
			     "  kind: mcp\n"
			     "  target: { exposed_path: /mcp }\n"
			     "  request: { tool: x }\n"
			     "  verbose_output:\n"
			     "  - $\n"
			     "  - $.a[0][\"b c\"]['d']\n"
			     "  - text\n"
			     "  - $.a.b()\n"
			     "  - $.\n"
			     "  - $[x]\n"
			     "  - '$[\"x]'\n",
			"k.yml:18:5: error: the selector \"text\" is wrong: it has to begin with "
			"\"$\"\n"
			"k.yml:19:8: error: the selector \"$.a.b()\" is wrong: a validator has no "
			"place here, only what is selected\n"
			"k.yml:20:6: error: the selector \"$.\" is wrong: expected \".name\" or "
			"\"[index]\" here\n"
			"k.yml:21:6: error: the selector \"$[x]\" is wrong: \"[...]\" holds an "
			"index or a name in quotes\n"
			"k.yml:22:7: error: the selector \"$[\"x]\" is wrong: \"[\" has no \"]\" "
			"behind its quotes\n",
		},
	};

	check_cases(CASES);
}

static void test_validations(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    endpoints: [http, mcp, { protocol: oaic, path: /o }]\n" RUNTIME
			     "  n:\n" RUNTIME
			     "expose: [{ path: /mcp, target: a, endpoints: [mcp] }]\n"
			     "tests:\n"
			     "- id: a\n"
			     "  kind: mcp\n"
			     "  target: { exposed_path: /mcp }\n"
			     "  request: { tool: x }\n"
			     "  validations:\n"
			     "  - $.text.eq(\"hello world\")\n"
			     "  - $.a\n"
			     "  - $.a.exist()\n"
			     "  - $.a.exists(1)\n"
			     "  - $.a.gt(x)\n"
			     "  - '$.a.gt(\"1\")'\n"
			     "  - $.a.lenEq(-1)\n"
			     "  - $.a.typeIs(\"int\")\n"
			     "  - $.a.matches(1)\n"
			     "  - $.a.eq(1\n"
			     "  - $.a.eq(1, 2)\n"
			     "  - $.a.eq()\n"
			     "  - 5\n"
			     "  - $.exists()\n"
			     "  - $.a.len_gte(1)\n"
			     "  - $.a.eq({\"a\":1,\"a\":2})\n",
			"k.yml:17:8: error: the validation \"$.a\" is wrong: a validator such as "
			"\".exists()\" is missing at its end\n"
			"k.yml:18:9: error: the validation \"$.a.exist()\" is wrong: there is no "
			"validator \"exist\"\n"
			"  did you mean \"exists\"?\n"
			"k.yml:19:16: error: the validation \"$.a.exists(1)\" is wrong: it takes "
			"no argument\n"
			"k.yml:20:12: error: the validation \"$.a.gt(x)\" is wrong: its argument "
			"has to be one JSON value, texts in \"...\"\n"
			"k.yml:21:13: error: the validation \"$.a.gt(\"1\")\" is wrong: it takes a "
			"number\n"
			"k.yml:22:15: error: the validation \"$.a.lenEq(-1)\" is wrong: it takes a "
			"length: a whole number from 0\n"
			"k.yml:23:16: error: the validation \"$.a.typeIs(\"int\")\" is wrong: it "
			"takes one of \"string\", \"number\", \"boolean\", \"object\", \"array\", "
			"\"null\"\n"
			"k.yml:24:17: error: the validation \"$.a.matches(1)\" is wrong: it takes "
			"a text in quotes\n"
			"k.yml:25:12: error: the validation \"$.a.eq(1\" is wrong: \"(\" has no "
			"\")\" at the end\n"
			"k.yml:26:12: error: the validation \"$.a.eq(1, 2)\" is wrong: its "
			"argument has to be one JSON value, texts in \"...\"\n"
			"k.yml:27:12: error: the validation \"$.a.eq()\" is wrong: its argument "
			"has to be one JSON value, texts in \"...\"\n"
			"k.yml:28:5: error: expected a validation such as $.text.exists(), not the "
			"number 5; put it in quotes\n"
			"k.yml:30:9: error: the validation \"$.a.len_gte(1)\" is wrong: there is "
			"no validator \"len_gte\"\n"
			"  did you mean \"lenGte\"?\n"
			"k.yml:31:12: error: the validation \"$.a.eq({\"a\":1,\"a\":2})\" is "
			"wrong: its argument has to be one JSON value, texts in \"...\"\n",
		},
	};

	check_cases(CASES);
}

static void test_targets(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD
			"workloads:\n"
			"  a:\n"
			"    endpoints: [http, mcp, { protocol: oaic, path: /o }]\n" RUNTIME
			"  n:\n" RUNTIME "expose: [{ path: /mcp, target: a, endpoints: [mcp] }]\n"
			"tests:\n"
			"- { id: a, kind: exec, target: { workload: a, endpoint: http }, request: "
			"{ command: bun x } }\n"
			"- { id: b, kind: exec, target: { exposed_path: /mcp }, request: { "
			"command: bun x } }\n"
			"- { id: c, kind: http, target: { workload: a }, request: {} }\n"
			"- { id: d, kind: http, target: { workload: a, endpoint: http, "
			"exposed_path: /mcp }, request: {} }\n"
			"- { id: e, kind: mcp, target: {}, request: { tool: x } }\n"
			"- { id: f, kind: mcp, target: { workload: n }, request: { tool: x } }\n"
			"- { id: g, kind: http, target: { exposed_path: /mc }, request: {} }\n"
			"- { id: h, kind: http, target: { workload: b, endpoint: mcp }, request: "
			"{} }\n",
			"k.yml:11:47: error: a test of kind exec has no endpoint\n"
			"k.yml:12:34: error: a test of kind exec runs in a \"workload\"\n"
			"k.yml:13:24: error: the target needs the key \"endpoint\": it is not "
			"clear which one of \"a\" is meant\n"
			"k.yml:14:34: error: a target is either an exposed path or a workload, not "
			"both\n"
			"k.yml:15:23: error: the target needs the key \"exposed_path\"\n"
			"k.yml:16:23: error: the target needs the key \"endpoint\": it is not "
			"clear which one of \"n\" is meant\n"
			"k.yml:17:48: error: the path \"/mc\" is not exposed (under \"expose\")\n"
			"  did you mean \"/mcp\"?\n"
			"k.yml:18:44: error: the workload \"b\" is not declared under "
			"\"workloads\"\n",
		},
	};

	check_cases(CASES);
}

static void test_requests(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD
			"workloads:\n"
			"  a:\n"
			"    endpoints: [http, mcp, { protocol: oaic, path: /o }]\n" RUNTIME
			"  n:\n" RUNTIME "expose: [{ path: /mcp, target: a, endpoints: [mcp] }]\n"
			"tests:\n"
			"- { id: a, kind: exec, target: { workload: a }, request: { command: bun | "
			"x } }\n"
			"- { id: b, kind: http, target: { workload: a, endpoint: http }, request: "
			"{ method: get, path: x, json: {}, body: x, headers: { 'a b': x, ok: 1 } } "
			"}\n"
			"- { id: c, kind: http, target: { exposed_path: /mcp }, request: { path: "
			"/a/../b, tool: x } }\n"
			"- { id: d, kind: mcp, target: { exposed_path: /mcp }, request: { inputs: "
			"[x], tool: } }\n"
			"- { id: e, kind: http, target: { exposed_path: /mcp }, request: { "
			"headers: { a: \"x\\r\\ny: z\" } } }\n"
			"- { id: f, kind: http, target: { exposed_path: /mcp }, request: 5 }\n",
			"k.yml:11:73: error: the command \"bun | x\" cannot be split into words: "
			"no shell runs several commands here; write [sh, -c, '...'] to have one\n"
			"k.yml:12:84: error: \"get\" is no HTTP method\n"
			"k.yml:12:95: error: \"x\" cannot be requested: a path begins with \"/\" "
			"and has no spaces, no \"#\" and no dot segments\n"
			"k.yml:12:108: error: a request has either \"json\" or \"body\"\n"
			"k.yml:12:128: error: \"a b\" is no header that can be sent\n"
			"k.yml:13:73: error: \"/a/../b\" cannot be requested: a path begins with "
			"\"/\" and has no spaces, no \"#\" and no dot segments\n"
			"k.yml:13:82: error: unknown key \"tool\" in a request of kind http\n"
			"k.yml:14:74: error: expected a mapping of the tool's inputs, not a list\n"
			"k.yml:14:79: error: expected a text, not nothing\n"
			"k.yml:15:78: error: \"a\" is no header that can be sent\n"
			"k.yml:16:65: error: expected the keys of a request of kind http (a "
			"mapping), not the number 5\n",
		},
	};

	check_cases(CASES);
}

static void test_cases(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    endpoints: [http, mcp, { protocol: oaic, path: /o }]\n" RUNTIME
			     "  n:\n" RUNTIME
			     "expose: [{ path: /mcp, target: a, endpoints: [mcp] }]\n"
			     "tests:\n"
			     "- { id: a, kind: htp, target: { exposed_path: /mcp }, request: { "
			     "tool: x } }\n"
			     "- {}\n"
			     "- x\n"
			     "- { id: ../x, kind: exec, target: { workload: n }, request: { "
			     "command: x }, timeout: 5 }\n"
			     "- { id: b, kind: exec, target: { workload: n }, request: { command: "
			     "x } }\n"
			     "- { id: b, kind: exec, target: { workload: n }, request: { command: "
			     "x } }\n",
			"k.yml:11:18: error: expected mcp, http or exec, not the text \"htp\"\n"
			"  did you mean \"http\"?\n"
			"k.yml:12:3: error: a test needs the key \"kind\"\n"
			"k.yml:12:3: error: a test needs the key \"target\"\n"
			"k.yml:12:3: error: a test needs the key \"request\"\n"
			"k.yml:12:3: error: a test needs the key \"id\"\n"
			"k.yml:13:3: error: expected the keys of a test (a mapping), not the text "
			"\"x\"\n"
			"k.yml:14:9: error: \"../x\" cannot be an id: at most 100 letters, digits, "
			"\"-\", \"_\" and \".\", a letter or digit first\n"
			"k.yml:14:86: error: expected a duration such as 250ms, 60s, 5m or 1h, not "
			"the number 5\n"
			"  did you mean \"5s\"?\n"
			"k.yml:16:9: error: there is another test \"b\"\n",
		},
	};

	check_cases(CASES);
}

static void test_older_form(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    endpoints: [http, mcp, { protocol: oaic, path: /o }]\n" RUNTIME
			     "  n:\n" RUNTIME
			     "expose: [{ path: /mcp, target: a, endpoints: [mcp] }]\n"
			     "tests:\n"
			     "- id: old\n"
			     "  test: says hello\n"
			     "  exposed_path: /mcp\n"
			     "  tool: t\n"
			     "  inputs: { prompt: x }\n"
			     "  verboseOutput: [$.model]\n"
			     "  validations: [$.model.exists()]\n",
			"",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    endpoints: [http, mcp, { protocol: oaic, path: /o }]\n" RUNTIME
			     "  n:\n" RUNTIME
			     "expose: [{ path: /mcp, target: a, endpoints: [mcp] }]\n"
			     "tests:\n"
			     "- id: mixed\n"
			     "  tool: t\n"
			     "  description: x\n"
			     "  test: y\n"
			     "  target: { exposed_path: /mcp }\n"
			     "  verboseOutput: []\n"
			     "  verbose_output: []\n",
			"k.yml:11:3: error: a test needs the key \"exposed_path\"\n"
			"k.yml:14:3: error: \"test\" is the older form of \"description\", which "
			"is given too\n"
			"  did you mean \"description\"?\n"
			"k.yml:16:3: error: \"verboseOutput\" is the older form of "
			"\"verbose_output\", which is given too\n"
			"  did you mean \"verbose_output\"?\n",
		},
	};

	check_cases(CASES);
}

#define FAULT_KINDS "expected down, latency 2s, reset, error 503 or sidecar_killed"
#define FAULTS_HEAD                                                                                \
	HEAD "workloads:\n"                                                                        \
	     "  a:\n"                                                                              \
	     "    connections: [b]\n" RUNTIME "  b:\n"                                             \
	     "    endpoints: [http]\n" RUNTIME "tests:\n"                                          \
	     "- id: x\n"                                                                           \
	     "  kind: http\n"                                                                      \
	     "  target: { workload: b }\n"                                                         \
	     "  request: {}\n"

static void test_faults(void **state)
{
	static const struct problem_case CASES[] = {
		{
			FAULTS_HEAD "  faults: [{ peer: b, kind: latency 2s, at: mid_stream }]\n",
			"",
		},
		{
			FAULTS_HEAD "  faults:\n"
				    "  - { peer: a, kind: down }\n"
				    "  - { peer: c, kind: down }\n"
				    "  - { kind: reset }\n"
				    "  - { peer: b }\n"
				    "  - { peer: b, kind: reset, at: end }\n",
			"k.yml:16:5: error: no workload is connected to \"a\": nobody would notice "
			"that it fails\n"
			"k.yml:17:13: error: the workload \"c\" is not declared under "
			"\"workloads\"\n"
			"k.yml:18:5: error: a fault needs the key \"peer\"\n"
			"k.yml:19:5: error: a fault needs the key \"kind\"\n"
			"k.yml:20:5: error: there is another fault of \"b\" in this test\n"
			"k.yml:20:33: error: expected start or mid_stream, not the text \"end\"\n",
		},
		{
			FAULTS_HEAD "  faults: [{ peer: b, kind: latency 0s }]\n",
			"k.yml:15:29: error: " FAULT_KINDS
			" (a latency of at most 10m, a status from 400 to 599), not the text "
			"\"latency 0s\"\n",
		},
		{
			FAULTS_HEAD "  faults: [{ peer: b, kind: error 200 }]\n",
			"k.yml:15:29: error: " FAULT_KINDS
			" (a latency of at most 10m, a status from 400 to 599), not the text "
			"\"error 200\"\n",
		},
		{
			FAULTS_HEAD "  faults: [{ peer: b, kind: reset now }]\n",
			"k.yml:15:29: error: " FAULT_KINDS
			" (a latency of at most 10m, a status from 400 to 599), not the text "
			"\"reset now\"\n",
		},
		{
			FAULTS_HEAD "  faults: [{ peer: b, kind: sidecar_kiled }]\n",
			"k.yml:15:29: error: " FAULT_KINDS ", not the text \"sidecar_kiled\"\n"
			"  did you mean \"sidecar_killed\"?\n",
		},
		{
			FAULTS_HEAD "  faults: [{ kind: error 503, at: mid_stream, peer: b }]\n"
				    "- { id: early, kind: exec, target: { workload: b }, request: "
				    "{ command: ls }, faults: [] }\n",
			"k.yml:15:12: error: a status is answered at the start: in mid_stream it "
			"is too late for it\n"
			"k.yml:16:79: error: a test of kind exec runs before the app: there are no "
			"neighbours to fail\n",
		},
	};

	check_cases(CASES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_selectors), cmocka_unit_test(test_validations),
		cmocka_unit_test(test_targets),	  cmocka_unit_test(test_requests),
		cmocka_unit_test(test_cases),	  cmocka_unit_test(test_older_form),
		cmocka_unit_test(test_faults),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
