// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/controller/manifest/check.h"

static void test_command(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: bun x && y\n",
			"k.yml:9:26: error: the command \"bun x && y\" cannot be split into words: "
			"no shell runs several commands here; write [sh, -c, '...'] to have one\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: \"bun '$x\"\n",
			"k.yml:9:20: error: the command \"bun '$x\" cannot be split into words: "
			"this ' has no end\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: bun $HOME/x\n",
			"k.yml:9:24: error: the command \"bun $HOME/x\" cannot be split into "
			"words: no shell replaces \"$...\" here; quote it with ' to mean it "
			"literally\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: FOO=1 bun x\n",
			"k.yml:9:20: error: the command \"FOO=1 bun x\" cannot be split into "
			"words: no shell sets variables here; write them under \"env\"\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: ''\n",
			"k.yml:9:20: error: expected a command (a text or a list of words), not an "
			"empty text\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: 5\n",
			"k.yml:9:20: error: expected a command (a text or a list of words), not "
			"the number 5; put it in quotes\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: []\n",
			"k.yml:9:20: error: a command needs a first word: the program to run\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: [bun, 1, [x], ~]\n",
			"k.yml:9:29: error: expected a word of the command, not a list\n"
			"k.yml:9:34: error: expected a word of the command, not nothing\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: ['', x]\n",
			"k.yml:9:20: error: a command needs a first word: the program to run\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: |\n"
			     "            bun run\n"
			     "            x\n",
			"k.yml:10:1: error: the command \"bun run\\x0ax\\x0a\" cannot be split "
			"into words: no shell runs several lines here; write [sh, -c, '...'] to "
			"have one\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: ~/x\n",
			"k.yml:9:20: error: the command \"~/x\" cannot be split into words: no "
			"shell replaces \"~\" here; write [sh, -c, '...'] to have one\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: bun a\\\n",
			"k.yml:9:25: error: the command \"bun a\\\" cannot be split into words: "
			"this \\ has nothing behind it\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: { a: b }\n",
			"k.yml:9:20: error: expected a command (a text or a list of words), not a "
			"mapping\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          cmd: x\n",
			"k.yml:8:9: error: a phase needs the key \"command\"\n"
			"k.yml:9:11: error: unknown key \"cmd\" in a phase\n",
		},
	};

	check_cases(CASES);
}

static void test_environment(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: x\n"
			     "          env:\n"
			     "            CAPAKIT_X: 1\n"
			     "            container: x\n"
			     "            PATH: /x\n"
			     "            1a: x\n"
			     "            'a b': y\n"
			     "            EMPTY:\n"
			     "            LIST: [x]\n"
			     "            OK: ''\n"
			     "          env_from_options:\n"
			     "            OK: nope\n"
			     "            T: nope\n",
			"k.yml:11:13: error: the variable \"CAPAKIT_X\" cannot be set: variables "
			"that begin with CAPAKIT_ are set by capakit itself\n"
			"k.yml:12:13: error: the variable \"container\" cannot be set: it tells "
			"the workload where it runs and is set by capakit itself\n"
			"k.yml:13:13: warning: PATH replaces the one that the sandbox sets\n"
			"k.yml:14:13: error: \"1a\" cannot be a variable's name: letters, digits "
			"and \"_\" only, no digit first\n"
			"k.yml:15:13: error: \"a b\" cannot be a variable's name: letters, digits "
			"and \"_\" only, no digit first\n"
			"k.yml:16:13: error: expected a value (\"\" for an empty one), not "
			"nothing\n"
			"k.yml:17:19: error: expected a value (\"\" for an empty one), not a list\n"
			"k.yml:20:13: error: the variable \"OK\" is set twice, first in line 18\n"
			"k.yml:20:17: error: the option \"nope\" is not declared under "
			"\"options\"\n"
			"k.yml:21:16: error: the option \"nope\" is not declared under "
			"\"options\"\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: x\n"
			     "          env: [A=b]\n"
			     "          env_from_options: A\n",
			"k.yml:10:16: error: expected a mapping from variables to values, not a "
			"list\n"
			"k.yml:11:29: error: expected a mapping from variables to options, not the "
			"text \"A\"\n",
		},
	};

	check_cases(CASES);
}

static void test_network(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: x\n"
			     "          network: ful\n",
			"k.yml:10:20: error: expected none, loopback, registries, full or { allow: "
			"[HOST, ...] }, not the text \"ful\"\n"
			"  did you mean \"full\"?\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: x\n"
			     "          network: { allow: [] }\n",
			"k.yml:10:29: error: nothing is allowed here; write \"network: none\"\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: x\n"
			     "          network: { alow: [x] }\n",
			"k.yml:10:11: error: a network needs the key \"allow\"\n"
			"k.yml:10:22: error: unknown key \"alow\" in a network\n"
			"  did you mean \"allow\"?\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: x\n"
			     "          network: [a]\n",
			"k.yml:10:20: error: expected none, loopback, registries, full or { allow: "
			"[HOST, ...] }, not a list\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: x\n"
			     "          network: full\n"
			     "          allow_network: true\n",
			"k.yml:11:11: error: \"network\" is given too; remove the older "
			"\"allow_network\"\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: x\n"
			     "          allow_network: maybe\n",
			"k.yml:10:26: error: expected true or false, not the text \"maybe\"\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      source:\n"
			     "        toolchain: bun\n"
			     "        start:\n"
			     "          command: x\n"
			     "          network:\n"
			     "            allow:\n"
			     "            - api.hubapi.com\n"
			     "            - '*.example.org:443'\n"
			     "            - xn--a.b:8080\n"
			     "            - '*'\n"
			     "            - 10.0.0.1\n"
			     "            - https://x\n"
			     "            - x.y/z\n"
			     "            - a:0\n"
			     "            - a:65536\n"
			     "            - a:x\n"
			     "            - 0x7f.1\n"
			     "            - 1.0x7f\n"
			     "            - a..b\n"
			     "            - -a.b\n"
			     "            - a.b.\n"
			     "            - 5\n"
			     "            - '[::1]:80'\n"
			     "            - ::1\n"
			     "            - a.*.b\n"
			     "            - '*a.b'\n"
			     "            - \"a\\tb\"\n"
			     "            - bücher.example\n",
			"k.yml:15:15: error: \"*\" cannot be allowed: for every host, write "
			"\"network: full\"\n"
			"k.yml:16:15: error: \"10.0.0.1\" cannot be allowed: it has to be a host "
			"name, with \"*.\" before it for all below it; addresses are not allowed\n"
			"k.yml:17:15: error: \"https://x\" cannot be allowed: it is a name and a "
			"port, not a URL\n"
			"k.yml:18:15: error: \"x.y/z\" cannot be allowed: it is a name and a port, "
			"not a URL\n"
			"k.yml:19:15: error: \"a:0\" cannot be allowed: its port has to be a "
			"number from 1 to 65535\n"
			"k.yml:20:15: error: \"a:65536\" cannot be allowed: its port has to be a "
			"number from 1 to 65535\n"
			"k.yml:21:15: error: \"a:x\" cannot be allowed: its port has to be a "
			"number from 1 to 65535\n"
			"k.yml:22:15: error: \"0x7f.1\" cannot be allowed: it has to be a host "
			"name, with \"*.\" before it for all below it; addresses are not allowed\n"
			"k.yml:23:15: error: \"1.0x7f\" cannot be allowed: it has to be a host "
			"name, with \"*.\" before it for all below it; addresses are not allowed\n"
			"k.yml:24:15: error: \"a..b\" cannot be allowed: it has to be a host name, "
			"with \"*.\" before it for all below it; addresses are not allowed\n"
			"k.yml:25:15: error: \"-a.b\" cannot be allowed: it has to be a host name, "
			"with \"*.\" before it for all below it; addresses are not allowed\n"
			"k.yml:26:15: error: \"a.b.\" cannot be allowed: it has to be a host name, "
			"with \"*.\" before it for all below it; addresses are not allowed\n"
			"k.yml:27:15: error: expected a host such as api.example.org:443, not the "
			"number 5; put it in quotes\n"
			"k.yml:28:15: error: \"[::1]:80\" cannot be allowed: it has to be a host "
			"name, with \"*.\" before it for all below it; addresses are not allowed\n"
			"k.yml:29:15: error: \"::1\" cannot be allowed: it has to be a host name, "
			"with \"*.\" before it for all below it; addresses are not allowed\n"
			"k.yml:30:15: error: \"a.*.b\" cannot be allowed: it has to be a host "
			"name, with \"*.\" before it for all below it; addresses are not allowed\n"
			"k.yml:31:15: error: \"*a.b\" cannot be allowed: it has to be a host name, "
			"with \"*.\" before it for all below it; addresses are not allowed\n"
			"k.yml:32:15: error: \"a\tb\" cannot be allowed: it has to be a host name, "
			"with \"*.\" before it for all below it; addresses are not allowed\n"
			"k.yml:33:15: error: \"bücher.example\" cannot be allowed: it has to be a "
			"host name, with \"*.\" before it for all below it; addresses are not "
			"allowed\n",
		},
	};

	check_cases(CASES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_network),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
