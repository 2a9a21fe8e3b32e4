// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/controller/manifest/check.h"

static void test_secrets_and_mounts(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "secrets: { token: {}, other: {} }\n"
			     "host_mounts: { ro: {}, rw: { access: read_write } }\n" WORKLOAD
			     "    secrets: [token, token, tokn, 5]\n",
			"k.yml:8:22: error: the secret \"token\" is named twice\n"
			"k.yml:8:29: error: the secret \"tokn\" is not declared under \"secrets\"\n"
			"  did you mean \"token\"?\n"
			"k.yml:8:35: error: expected the name of a secret, not the number 5; put "
			"it in quotes\n",
		},
		{
			HEAD "secrets: { token: {}, other: {} }\n"
			     "host_mounts: { ro: {}, rw: { access: read_write } }\n" WORKLOAD
			     "    secrets: token\n",
			"k.yml:8:14: error: expected a list of secrets, not the text \"token\"\n",
		},
		{
			HEAD "secrets: { token: {}, other: {} }\n"
			     "host_mounts: { ro: {}, rw: { access: read_write } }\n" WORKLOAD
			     "    mounts:\n"
			     "    - { mount_mid: ro, access: read_write }\n"
			     "    - { mount_mid: rw, access: read_write }\n"
			     "    - { mount_mid: rw }\n"
			     "    - { mount_mid: rv }\n"
			     "    - { access: x }\n"
			     "    - rw\n",
			"k.yml:9:32: error: the mount \"ro\" is read_only for the whole Kit "
			"(host_mounts)\n"
			"  did you mean \"read_only\"?\n"
			"k.yml:11:7: error: the mount \"rw\" is named twice\n"
			"k.yml:12:20: error: the mount \"rv\" is not declared under "
			"\"host_mounts\"\n"
			"k.yml:13:7: error: a mount needs the key \"mount_mid\"\n"
			"k.yml:13:17: error: expected read_only or read_write, not the text \"x\"\n"
			"k.yml:14:7: error: expected the keys of a mount (a mapping), not the text "
			"\"rw\"\n",
		},
	};

	check_cases(CASES);
}

static void test_root(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "secrets: { token: {}, other: {} }\n"
			     "host_mounts: { ro: {}, rw: { access: read_write } }\n" WORKLOAD
			     "    root: ../x\n",
			"k.yml:8:11: error: \"../x\" cannot be the root: it has to be a folder "
			"inside of this Kit, without \"..\"\n",
		},
		{
			HEAD "secrets: { token: {}, other: {} }\n"
			     "host_mounts: { ro: {}, rw: { access: read_write } }\n" WORKLOAD
			     "    root: a/..\n",
			"k.yml:8:11: error: \"a/..\" cannot be the root: it has to be a folder "
			"inside of this Kit, without \"..\"\n",
		},
		{
			HEAD "secrets: { token: {}, other: {} }\n"
			     "host_mounts: { ro: {}, rw: { access: read_write } }\n" WORKLOAD
			     "    root: /x\n",
			"k.yml:8:11: error: \"/x\" cannot be the root: it has to be a folder "
			"inside of this Kit, without \"..\"\n",
		},
		{
			HEAD "secrets: { token: {}, other: {} }\n"
			     "host_mounts: { ro: {}, rw: { access: read_write } }\n" WORKLOAD
			     "    root: ''\n",
			"k.yml:8:11: error: expected a folder of this Kit, not an empty text\n",
		},
		{
			HEAD "secrets: { token: {}, other: {} }\n"
			     "host_mounts: { ro: {}, rw: { access: read_write } }\n" WORKLOAD
			     "    root: [a]\n",
			"k.yml:8:11: error: expected a folder of this Kit, not a list\n",
		},
	};

	check_cases(CASES);
}

static void test_resources(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "secrets: { token: {}, other: {} }\n"
			     "host_mounts: { ro: {}, rw: { access: read_write } }\n" WORKLOAD
			     "    resources: { memory: 0, cpus: 0, pids: 0 }\n",
			"k.yml:8:26: error: a size is between 1 byte and 1024GiB, not 0\n"
			"k.yml:8:35: error: expected a number of CPUs such as 2 or 1.5 (from 0.001 "
			"to 1024), not the number 0\n"
			"k.yml:8:44: error: expected a whole number from 1 to 4194304, not the "
			"number 0\n",
		},
		{
			HEAD "secrets: { token: {}, other: {} }\n"
			     "host_mounts: { ro: {}, rw: { access: read_write } }\n" WORKLOAD
			     "    resources: { memory: 512MB, cpus: 1.5555, pids: 1.5 }\n",
			"k.yml:8:26: error: expected a size such as 512KiB, 64MiB, 1GiB or a "
			"number of bytes, not the text \"512MB\"\n"
			"k.yml:8:39: error: expected a number of CPUs such as 2 or 1.5 (from 0.001 "
			"to 1024), not the number 1.5555\n"
			"k.yml:8:53: error: expected a whole number from 1 to 4194304, not the "
			"number 1.5\n",
		},
		{
			HEAD "secrets: { token: {}, other: {} }\n"
			     "host_mounts: { ro: {}, rw: { access: read_write } }\n" WORKLOAD
			     "    resources: { memory: 2048GiB, cpus: '2', pid: 3 }\n",
			"k.yml:8:26: error: a size is between 1 byte and 1024GiB, not 2048GiB\n"
			"k.yml:8:41: error: expected a number of CPUs such as 2 or 1.5 (from 0.001 "
			"to 1024), not the text \"2\"\n"
			"k.yml:8:46: error: unknown key \"pid\" in resources\n"
			"  did you mean \"pids\"?\n",
		},
		{
			HEAD "secrets: { token: {}, other: {} }\n"
			     "host_mounts: { ro: {}, rw: { access: read_write } }\n" WORKLOAD
			     "    resources: { memory: [1], cpus: 1025, pids: 4194305 }\n",
			"k.yml:8:26: error: expected a size such as 64MiB, not a list\n"
			"k.yml:8:37: error: expected a number of CPUs such as 2 or 1.5 (from 0.001 "
			"to 1024), not the number 1025\n"
			"k.yml:8:49: error: expected a whole number from 1 to 4194304, not the "
			"number 4194305\n",
		},
	};

	check_cases(CASES);
}

static void test_endpoints(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD
			"secrets: { token: {}, other: {} }\n"
			"host_mounts: { ro: {}, rw: { access: read_write } }\n" WORKLOAD
			"    endpoints:\n"
			"    - ftp\n"
			"    - http\n"
			"    - http\n"
			"    - { protocol: mcp, path: mcp }\n"
			"    - { path: /x }\n"
			"    - { protocol: a2a, path: /x/ }\n"
			"    - { protocol: a2a, path: /a//b }\n"
			"    - { protocol: a2a, path: /a/../b }\n"
			"    - { protocol: a2a, path: /a/. }\n"
			"    - { protocol: a2a, path: '/a?b' }\n"
			"    - { protocol: a2a, path: '/a#b' }\n"
			"    - { protocol: a2a, path: '/a%2fb' }\n"
			"    - { protocol: a2a, path: '/a b' }\n"
			"    - { protocol: a2a, path: '/a\\b' }\n"
			"    - { protocol: a2a, path: \"/a\\x01b\" }\n"
			"    - { protocol: a2a, path: /q, http2: 1, max_body: x, maxbody: 1 }\n"
			"    - 5\n"
			"    - []\n",
			"k.yml:9:7: error: expected http, mcp, oaic or a2a, not the text \"ftp\"\n"
			"k.yml:11:7: error: the path \"/http\" is served by another endpoint "
			"already (line 10)\n"
			"k.yml:12:30: error: \"mcp\" cannot be a path: it has to begin with \"/\"\n"
			"k.yml:13:7: error: an endpoint needs the key \"protocol\"\n"
			"k.yml:14:30: error: \"/x/\" cannot be a path: it may not end with \"/\"\n"
			"k.yml:15:30: error: \"/a//b\" cannot be a path: \"//\" in it could be "
			"read in two ways\n"
			"k.yml:16:30: error: \"/a/../b\" cannot be a path: \".\" and \"..\" in it "
			"could be read in two ways\n"
			"k.yml:17:30: error: \"/a/.\" cannot be a path: \".\" and \"..\" in it "
			"could be read in two ways\n"
			"k.yml:18:30: error: \"/a?b\" cannot be a path: only letters, digits and "
			"-._~!$&'()+,=:@ may stand between its slashes\n"
			"k.yml:19:30: error: \"/a#b\" cannot be a path: only letters, digits and "
			"-._~!$&'()+,=:@ may stand between its slashes\n"
			"k.yml:20:30: error: \"/a%2fb\" cannot be a path: only letters, digits and "
			"-._~!$&'()+,=:@ may stand between its slashes\n"
			"k.yml:21:30: error: \"/a b\" cannot be a path: only letters, digits and "
			"-._~!$&'()+,=:@ may stand between its slashes\n"
			"k.yml:22:30: error: \"/a\\b\" cannot be a path: only letters, digits and "
			"-._~!$&'()+,=:@ may stand between its slashes\n"
			"k.yml:23:30: error: \"/a\\x01b\" cannot be a path: only letters, digits "
			"and -._~!$&'()+,=:@ may stand between its slashes\n"
			"k.yml:24:41: error: expected true or false, not the number 1\n"
			"k.yml:24:54: error: expected a size such as 512KiB, 64MiB, 1GiB or a "
			"number of bytes, not the text \"x\"\n"
			"k.yml:24:57: error: unknown key \"maxbody\" in an endpoint\n"
			"  did you mean \"max_body\"?\n"
			"k.yml:25:7: error: expected http, mcp, oaic or a2a, not the number 5\n"
			"k.yml:26:7: error: expected http, mcp, oaic or a2a, not a list\n",
		},
		{
			HEAD "secrets: { token: {}, other: {} }\n"
			     "host_mounts: { ro: {}, rw: { access: read_write } }\n" WORKLOAD
			     "    endpoints: http\n",
			"k.yml:8:16: error: expected a list of endpoints, not the text \"http\"\n",
		},
	};

	check_cases(CASES);
}

static void test_imports(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "dependencies: { dep: { source: { path: ../x } } }\n"
			     "workloads:\n"
			     "  l: { import: { dependency: dp } }\n"
			     "  m: { import: { dependency: dep, export: oaic, exposed_path: /x }, "
			     "endpoints: [http] }\n"
			     "  n: {}\n"
			     "  o: { import: { dependency: dep, export: 'o?c' } }\n"
			     "  p: { import: dep }\n"
			     "  q: { import: { dependency: dep, exposed_path: /oaic/ } }\n",
			"k.yml:5:8: error: an import needs the key \"exposed_path\"\n"
			"k.yml:5:30: error: the dependency \"dp\" is not declared under "
			"\"dependencies\"\n"
			"k.yml:6:35: error: \"exposed_path\" is given too; remove the older "
			"\"export\"\n"
			"k.yml:6:69: error: a workload that is an import has nothing else; "
			"\"endpoints\" is the dependency's own matter\n"
			"k.yml:7:3: error: a workload needs the key \"runtime\" (or \"import\")\n"
			"k.yml:8:43: error: \"o?c\" cannot be exported: only letters, digits and "
			"-._~!$&'()+,=:@ may stand between its slashes\n"
			"k.yml:9:16: error: expected the keys of an import (a mapping), not the "
			"text \"dep\"\n"
			"k.yml:10:49: error: \"/oaic/\" cannot be a path: it may not end with "
			"\"/\"\n",
		},
	};

	check_cases(CASES);
}

static void test_runtime(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "workloads:\n"
			     "  a: { runtime: {} }\n"
			     "  b: { runtime: { source: {} } }\n"
			     "  c: { runtime: { source: { toolchain: node, start: [] } } }\n"
			     "  d: { runtime: { source: { toolchain: bun, strat: {} } } }\n"
			     "  e: x\n",
			"k.yml:4:8: error: a runtime needs the key \"source\"\n"
			"k.yml:5:19: error: a runtime source needs the key \"toolchain\"\n"
			"k.yml:5:19: error: a runtime source needs the key \"start\"\n"
			"k.yml:6:40: error: expected a toolchain (bun), not the text \"node\"\n"
			"k.yml:6:53: error: expected the keys of a phase (a mapping), not a list\n"
			"k.yml:7:19: error: a runtime source needs the key \"start\"\n"
			"k.yml:7:45: error: unknown key \"strat\" in a runtime source\n"
			"  did you mean \"start\"?\n"
			"k.yml:8:6: error: expected the keys of a workload (a mapping), not the "
			"text \"x\"\n",
		},
	};

	check_cases(CASES);
}

static void test_capabilities(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD "options: { gpu: { kind: enum, enum_values: [none, metal], default: "
			     "metal } }\n"
			     "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      capabilities: { gpu: metal }\n"
			     "      source: { toolchain: bun, start: { command: bun x } }\n"
			     "  b:\n"
			     "    runtime:\n"
			     "      capabilities: { gpu: { from_option: gpu } }\n"
			     "      source: { toolchain: bun, start: { command: bun x } }\n"
			     "  c:\n"
			     "    runtime:\n"
			     "      capabilities: { gpu: none }\n"
			     "      source: { toolchain: bun, start: { command: bun x } }\n",
			"k.yml:7:23: warning: the capability \"gpu\" is \"metal\", which Linux "
			"does not have; it will not be given\n"
			"k.yml:11:23: warning: the capability \"gpu\" is \"metal\" by the default "
			"of the option \"gpu\", which Linux does not have; it will not be given\n",
		},
		{
			HEAD "workloads:\n"
			     "  a:\n"
			     "    runtime:\n"
			     "      capabilities: { gpu: { from_option: gpu } }\n"
			     "      source: { toolchain: bun, start: { command: bun x } }\n",
			"k.yml:6:43: error: the option \"gpu\" is not declared under \"options\"\n",
		},
	};

	check_cases(CASES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secrets_and_mounts),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_resources),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_imports),
		cmocka_unit_test(test_runtime),
		cmocka_unit_test(test_capabilities),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
