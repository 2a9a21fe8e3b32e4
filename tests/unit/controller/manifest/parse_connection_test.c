// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/controller/manifest/check.h"

static void test_workloads(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "secrets: { token: {} }\n"
			     "workloads:\n"
			     "  b:\n"
			     "    endpoints: [http, mcp, { protocol: http, path: /t }, { protocol: "
			     "oaic, path: /p }, { protocol: oaic, path: /q }]\n" RUNTIME
			     "  n:\n" RUNTIME "  a:\n" RUNTIME "    connections:\n"
			     "    - a\n"
			     "    - b\n"
			     "    - b\n"
			     "    - c\n"
			     "    - [x]\n"
			     "    - { workload: b, endpoints: [oaik] }\n"
			     "    - n\n",
			"k.yml:13:7: error: the workload \"a\" cannot be connected to itself; it "
			"can call itself without a connection\n"
			"k.yml:15:7: error: the connection to \"b\" is given twice, first in line "
			"14\n"
			"k.yml:16:7: error: the workload \"c\" is not declared under "
			"\"workloads\"\n"
			"k.yml:17:7: error: expected the name of a workload, not a list\n"
			"k.yml:18:7: error: the connection to \"b\" is given twice, first in line "
			"14\n"
			"k.yml:18:34: error: the workload \"b\" has no endpoint \"oaik\"\n"
			"  did you mean \"oaic\"?\n"
			"k.yml:19:7: error: the workload \"n\" has no endpoints, so there is "
			"nothing to connect to\n",
		},
		{
			HEAD "secrets: { token: {} }\n"
			     "workloads:\n"
			     "  b:\n"
			     "    endpoints: [http, mcp, { protocol: http, path: /t }, { protocol: "
			     "oaic, path: /p }, { protocol: oaic, path: /q }]\n" RUNTIME
			     "  n:\n" RUNTIME "  a:\n" RUNTIME "    connections:\n"
			     "    - workload: b\n"
			     "      endpoints: [http, mcp, /t, /mcp, oaic, /x]\n"
			     "      timeout: 60\n"
			     "      retries: 11\n"
			     "      idle_timeout: 25h\n"
			     "      max_concurrent: 0\n",
			"k.yml:14:34: error: the endpoint \"/mcp\" is named twice\n"
			"k.yml:14:40: error: the workload \"b\" has several endpoints of protocol "
			"\"oaic\"; write the path of the one that is meant\n"
			"k.yml:14:46: error: the workload \"b\" has no endpoint \"/x\"\n"
			"k.yml:15:16: error: expected a duration such as 250ms, 60s, 5m or 1h, not "
			"the number 60\n"
			"  did you mean \"60s\"?\n"
			"k.yml:16:16: error: expected a whole number from 0 to 10, not the number "
			"11\n"
			"k.yml:17:21: error: a duration is between 1ms and 24h, not 25h\n"
			"k.yml:18:23: error: expected a whole number from 1 to 65535, not the "
			"number 0\n",
		},
		{
			HEAD "secrets: { token: {} }\n"
			     "workloads:\n"
			     "  b:\n"
			     "    endpoints: [http, mcp, { protocol: http, path: /t }, { protocol: "
			     "oaic, path: /p }, { protocol: oaic, path: /q }]\n" RUNTIME
			     "  n:\n" RUNTIME "  a:\n" RUNTIME "    connections:\n"
			     "    - { workload: b, endpoints: [] }\n"
			     "    - { workload: bb }\n"
			     "    - { endpoints: [x] }\n"
			     "    - { workload: b, endponts: [http], timeout: 0ms, retries: -1, "
			     "idle_timeout: soon, max_concurrent: many }\n",
			"k.yml:13:33: error: a connection without endpoints reaches nothing; name "
			"one or leave the key out for all\n"
			"k.yml:14:19: error: the workload \"bb\" is not declared under "
			"\"workloads\"\n"
			"k.yml:15:7: error: a connection to a workload needs the key \"workload\"\n"
			"k.yml:16:7: error: the connection to \"b\" is given twice, first in line "
			"13\n"
			"k.yml:16:22: error: unknown key \"endponts\" in a connection to a "
			"workload\n"
			"  did you mean \"endpoints\"?\n"
			"k.yml:16:49: error: a duration is between 1ms and 24h, not 0ms\n"
			"k.yml:16:63: error: expected a whole number from 0 to 10, not the number "
			"-1\n"
			"k.yml:16:81: error: expected a duration such as 250ms, 60s, 5m or 1h, not "
			"the text \"soon\"\n"
			"k.yml:16:103: error: expected a whole number from 1 to 65535, not the "
			"text \"many\"\n",
		},
		{
			HEAD "secrets: { token: {} }\n"
			     "workloads:\n"
			     "  b:\n"
			     "    endpoints: [http, mcp, { protocol: http, path: /t }, { protocol: "
			     "oaic, path: /p }, { protocol: oaic, path: /q }]\n" RUNTIME
			     "  n:\n" RUNTIME "  a:\n" RUNTIME "    connections:\n"
			     "    {}\n",
			"k.yml:13:5: error: expected a list of connections, not a mapping\n",
		},
	};

	check_cases(CASES);
}

static void test_hosts(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "secrets: { token: {} }\n"
			     "workloads:\n"
			     "  b:\n"
			     "    endpoints: [http, mcp, { protocol: http, path: /t }, { protocol: "
			     "oaic, path: /p }, { protocol: oaic, path: /q }]\n" RUNTIME
			     "  n:\n" RUNTIME "  a:\n" RUNTIME "    connections:\n"
			     "    - name: hub\n"
			     "      host: api.hubapi.com\n"
			     "      paths: [/crm/*, /a*b, x, /a//b]\n"
			     "      methods: [GET, get, 'A B']\n"
			     "    - { name: b, host: 10.0.0.1 }\n"
			     "    - { name: Hub, host: 'https://x', port: 0 }\n"
			     "    - { name: hub, host: x.y }\n"
			     "    - { host: x.y, workload: b }\n"
			     "    - { name: c }\n"
			     "    - { name: d, host: 'x.y:443', methods: [], paths: [] }\n"
			     "    - { name: e, host: localhost., port: '443' }\n"
			     "    - { name: f, host: 2130706433 }\n"
			     "    - { name: g, host: 0x7f000001 }\n"
			     "    - { name: h, host: '[::1]' }\n",
			"k.yml:15:23: error: \"/a*b\" cannot be a path: only letters, digits and "
			"-._~!$&'()+,=:@ may stand between its slashes\n"
			"k.yml:15:29: error: \"x\" cannot be a path: it has to begin with \"/\"\n"
			"k.yml:15:32: error: \"/a//b\" cannot be a path: \"//\" in it could be "
			"read in two ways\n"
			"k.yml:16:22: error: \"get\" is no HTTP method; they are upper-case words "
			"such as GET\n"
			"k.yml:16:27: error: \"A B\" is no HTTP method; they are upper-case words "
			"such as GET\n"
			"k.yml:17:15: error: the name \"b\" is taken: there is a workload of this "
			"name\n"
			"k.yml:17:24: error: \"10.0.0.1\" cannot be a host: it has to be a name "
			"such as api.example.org; the port stands under \"port\"\n"
			"k.yml:18:15: error: \"Hub\" cannot be a connection's name: lower-case "
			"letters, digits, \"-\" and \"_\", a letter first\n"
			"k.yml:18:26: error: \"https://x\" cannot be a host: it has to be a name "
			"such as api.example.org; the port stands under \"port\"\n"
			"k.yml:18:45: error: expected a whole number from 1 to 65535, not the "
			"number 0\n"
			"k.yml:19:7: error: the connection to \"hub\" is given twice, first in "
			"line 13\n"
			"k.yml:20:7: error: a connection to a host needs the key \"name\"\n"
			"k.yml:20:20: error: unknown key \"workload\" in a connection to a host\n"
			"k.yml:21:7: error: a connection to a host needs the key \"host\"\n"
			"k.yml:22:24: error: \"x.y:443\" cannot be a host: it has to be a name "
			"such as api.example.org; the port stands under \"port\"\n"
			"k.yml:22:44: error: no method is left; leave the key out to allow any\n"
			"k.yml:22:55: error: no path is left; leave the key out to allow any\n"
			"k.yml:23:24: error: \"localhost.\" cannot be a host: it has to be a name "
			"such as api.example.org; the port stands under \"port\"\n"
			"k.yml:23:42: error: expected a whole number from 1 to 65535, not the text "
			"\"443\"\n"
			"k.yml:24:24: error: expected a host name, not the number 2130706433; put "
			"it in quotes\n"
			"k.yml:25:24: error: \"0x7f000001\" cannot be a host: it has to be a name "
			"such as api.example.org; the port stands under \"port\"\n"
			"k.yml:26:24: error: \"[::1]\" cannot be a host: it has to be a name such "
			"as api.example.org; the port stands under \"port\"\n",
		},
	};

	check_cases(CASES);
}

static void test_inject(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD
			"secrets: { token: {} }\n"
			"workloads:\n"
			"  b:\n"
			"    endpoints: [http, mcp, { protocol: http, path: /t }, { protocol: "
			"oaic, path: /p }, { protocol: oaic, path: /q }]\n" RUNTIME "  n:\n" RUNTIME
			"  a:\n" RUNTIME "    connections:\n"
			"    - name: a1\n"
			"      host: x.y\n"
			"      inject: { header: Authorization, value: 'Bearer ${token} ${tokn}' "
			"}\n"
			"    - { name: b1, host: x.y, inject: { header: Host, value: x } }\n"
			"    - { name: b2, host: x.y, inject: { header: 'a b', value: \"a\\nb\" } "
			"}\n"
			"    - { name: b3, host: x.y, inject: { header: k, value: '${token' } }\n"
			"    - { name: b4, host: x.y, inject: { headr: k } }\n"
			"    - { name: b5, host: x.y, inject: x }\n",
			"k.yml:15:47: error: the secret \"tokn\" is not declared under "
			"\"secrets\"\n"
			"  did you mean \"token\"?\n"
			"k.yml:16:48: error: the header \"Host\" belongs to the connection and "
			"cannot be injected\n"
			"k.yml:17:48: error: \"a b\" is no header's name\n"
			"k.yml:17:62: error: a header's value cannot hold control characters\n"
			"k.yml:18:58: error: \"${\" has no \"}\"\n"
			"k.yml:19:30: error: an injected header needs the key \"header\"\n"
			"k.yml:19:30: error: an injected header needs the key \"value\"\n"
			"k.yml:19:40: error: unknown key \"headr\" in an injected header\n"
			"  did you mean \"header\"?\n"
			"k.yml:20:38: error: expected the keys of an injected header (a mapping), "
			"not the text \"x\"\n",
		},
	};

	check_cases(CASES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_workloads),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_inject),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
