// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/controller/manifest/check.h"

static void test_targets(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    endpoints: [http, mcp, { protocol: http, path: /t }, { protocol: "
			     "oaic, path: /o }]\n" RUNTIME "  n:\n" RUNTIME "expose:\n"
			     "- { path: /x, target: n }\n"
			     "- { path: /y, target: zz, endpoints: [q] }\n"
			     "- { path: y/, target: a, endpoints: [http, http, foo, htp] }\n"
			     "- { target: a, endpoints: [] }\n"
			     "- 5\n"
			     "- { path: /z, target: a, endpoints: mcp, origins: [] }\n",
			"k.yml:10:23: error: the workload \"n\" has no endpoints, so there is "
			"nothing to expose\n"
			"k.yml:11:23: error: the workload \"zz\" is not declared under "
			"\"workloads\"\n"
			"k.yml:12:11: error: \"y/\" cannot be a path: it has to begin with \"/\"\n"
			"k.yml:12:44: error: the endpoint \"/http\" is named twice\n"
			"k.yml:12:50: error: the workload \"a\" has no endpoint \"foo\"\n"
			"k.yml:12:55: error: the workload \"a\" has no endpoint \"htp\"\n"
			"  did you mean \"http\"?\n"
			"k.yml:13:3: error: an expose entry needs the key \"path\"\n"
			"k.yml:13:27: error: nothing is exposed; name an endpoint or leave the key "
			"out for all\n"
			"k.yml:14:3: error: expected the keys of an expose entry (a mapping), not "
			"the number 5\n"
			"k.yml:15:37: error: expected a list of endpoints, not the text \"mcp\"\n"
			"k.yml:15:42: error: unknown key \"origins\" in an expose entry\n",
		},
		{
			HEAD WORKLOAD "expose: { path: /x }\n",
			"k.yml:6:9: error: expected a list of expose entries, not a mapping\n",
		},
	};

	check_cases(CASES);
}

static void test_conflicts(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    endpoints: [http, mcp, { protocol: http, path: /t }, { protocol: "
			     "oaic, path: /o }]\n" RUNTIME "  n:\n" RUNTIME "expose:\n"
			     "- { path: /, target: a, endpoints: [http] }\n"
			     "- { path: /, target: a, endpoints: [mcp] }\n",
			"k.yml:11:11: error: the public path \"/\" is exposed twice\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    endpoints: [http, mcp, { protocol: http, path: /t }, { protocol: "
			     "oaic, path: /o }]\n" RUNTIME "  n:\n" RUNTIME "expose:\n"
			     "- { path: /v1, target: a }\n",
			"k.yml:10:11: error: the public path \"/v1/http\" is exposed twice\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    endpoints: [http, mcp, { protocol: http, path: /t }, { protocol: "
			     "oaic, path: /o }]\n" RUNTIME "  n:\n" RUNTIME "expose:\n"
			     "- { path: /, target: a, endpoints: [http, mcp] }\n"
			     "- { path: /mcp, target: a, endpoints: [mcp] }\n",
			"k.yml:11:11: error: the public path \"/mcp\" is exposed twice\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    endpoints: [http, mcp, { protocol: http, path: /t }, { protocol: "
			     "oaic, path: /o }]\n" RUNTIME "  n:\n" RUNTIME "expose:\n"
			     "- { path: /v1, target: a, endpoints: [oaic] }\n"
			     "- { path: /oaic, target: a, endpoints: [oaic] }\n",
			"",
		},
	};

	check_cases(CASES);
}

static void test_default_mcp(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    endpoints: [http, mcp, { protocol: http, path: /t }, { protocol: "
			     "oaic, path: /o }]\n" RUNTIME "  n:\n" RUNTIME "expose:\n"
			     "- { path: /o, target: a, endpoints: [oaic], default_mcp: true }\n",
			"k.yml:10:45: error: default_mcp is for an endpoint of protocol mcp, and "
			"this entry has none\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    endpoints: [http, mcp, { protocol: http, path: /t }, { protocol: "
			     "oaic, path: /o }]\n" RUNTIME "  n:\n" RUNTIME "expose:\n"
			     "- { path: /m, target: a, endpoints: [mcp], default_mcp: true }\n"
			     "- { path: /n, target: a, endpoints: [mcp], default_mcp: true }\n"
			     "- { path: /p, target: a, endpoints: [mcp], default_mcp: 'true' }\n",
			"k.yml:11:44: error: default_mcp is set twice, first for the path \"/m\"\n"
			"k.yml:12:57: error: expected true or false, not the text \"true\"\n"
			"  did you mean \"true\"?\n",
		},
	};

	check_cases(CASES);
}

static void test_origins(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    endpoints: [http, mcp, { protocol: http, path: /t }, { protocol: "
			     "oaic, path: /o }]\n" RUNTIME "  n:\n" RUNTIME "expose:\n"
			     "- path: /m\n"
			     "  target: a\n"
			     "  endpoints: [mcp]\n"
			     "  allow_origins:\n"
			     "  - http://localhost:6274\n"
			     "  - http://127.0.0.1:5\n"
			     "  - http://[::1]:5\n"
			     "  - HTTPS://Example.org\n"
			     "  - http://x/\n"
			     "  - '*'\n"
			     "  - 'null'\n"
			     "  - ftp://x\n"
			     "  - http://x:99999\n"
			     "  - http://x:\n"
			     "  - http://u@x\n"
			     "  - 5\n",
			"k.yml:18:5: error: \"http://x/\" is no origin; one is http://HOST[:PORT] "
			"or https://HOST[:PORT], without a path\n"
			"k.yml:19:5: error: \"*\" is no origin; one is http://HOST[:PORT] or "
			"https://HOST[:PORT], without a path\n"
			"k.yml:20:5: error: \"null\" is no origin; one is http://HOST[:PORT] or "
			"https://HOST[:PORT], without a path\n"
			"k.yml:21:5: error: \"ftp://x\" is no origin; one is http://HOST[:PORT] or "
			"https://HOST[:PORT], without a path\n"
			"k.yml:22:5: error: \"http://x:99999\" is no origin; one is "
			"http://HOST[:PORT] or https://HOST[:PORT], without a path\n"
			"k.yml:23:5: error: expected an origin such as http://localhost:6274, not "
			"a mapping\n"
			"k.yml:24:5: error: \"http://u@x\" is no origin; one is http://HOST[:PORT] "
			"or https://HOST[:PORT], without a path\n"
			"k.yml:25:5: error: expected an origin such as http://localhost:6274, not "
			"the number 5; put it in quotes\n",
		},
	};

	check_cases(CASES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_conflicts),
		cmocka_unit_test(test_default_mcp),
		cmocka_unit_test(test_origins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
