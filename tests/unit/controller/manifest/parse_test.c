// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/controller/manifest/check.h"

static void test_top(void **state)
{
	static const struct problem_case CASES[] = {
		{
			"",
			"k.yml:1:1: error: the file is empty\n",
		},
		{
			"# only a comment\n",
			"k.yml:1:1: error: the file is empty\n",
		},
		{
			"[]\n",
			"k.yml:1:1: error: expected the keys of a manifest (a mapping), not a "
			"list\n",
		},
		{
			"text\n",
			"k.yml:1:1: error: expected the keys of a manifest (a mapping), not the "
			"text \"text\"\n",
		},
		{
			HEAD,
			"k.yml:1:1: error: a manifest needs the key \"workloads\"\n",
		},
		{
			"name: k\n" WORKLOAD,
			"k.yml:1:1: error: a manifest needs the key \"version\"\n",
		},
		{
			"version: '2'\n"
			"name: k\n" WORKLOAD,
			"k.yml:1:10: error: expected the version '1', the only one there is, not "
			"the text \"2\"\n",
		},
		{
			"version: [1]\n"
			"name: K_x\n" WORKLOAD,
			"k.yml:1:10: error: expected the version '1', not a list\n"
			"k.yml:2:7: error: \"K_x\" cannot be a Kit's name: at most 63 lower-case "
			"letters, digits and \"-\", a letter or digit first\n",
		},
		{
			"version: 1\n"
			"name: k\n" WORKLOAD,
			"",
		},
		{
			HEAD WORKLOAD "expsoe: []\n",
			"k.yml:6:1: error: unknown key \"expsoe\" in a manifest\n"
			"  did you mean \"expose\"?\n",
		},
		{
			HEAD WORKLOAD "license: 3\n",
			"k.yml:6:10: error: expected a text, not the number 3; put it in quotes\n",
		},
		{
			HEAD "workloads: {}\n",
			"k.yml:3:12: error: a Kit needs at least one workload\n",
		},
		{
			HEAD "workloads:\n",
			"k.yml:3:1: error: expected a mapping of workloads, not nothing\n",
		},
		{
			"version: '1'\n"
			"name: 12\n" WORKLOAD,
			"k.yml:2:7: error: expected a name, not the number 12; put it in quotes\n",
		},
		{
			"version: '1'\n"
			"name:\n" WORKLOAD,
			"k.yml:2:1: error: expected a name, not nothing\n",
		},
		{
			HEAD "workloads:\n"
			     "  A:\n" RUNTIME "  a-:\n" RUNTIME,
			"k.yml:4:3: error: the key \"A\" of a workload has to be lower-case "
			"letters, digits, \"-\" and \"_\", begin with a letter and end with a "
			"letter or digit\n"
			"k.yml:6:3: error: the key \"a-\" of a workload has to be lower-case "
			"letters, digits, \"-\" and \"_\", begin with a letter and end with a "
			"letter or digit\n",
		},
	};

	check_cases(CASES);
}

static void test_all_at_once(void **state)
{
	static const struct problem_case CASES[] = {
		{
			"version: '2'\n"
			"nam: k\n"
			"workloads:\n"
			"  a:\n"
			"    endpoint: [http]\n"
			"    connections: [b]\n"
			"    runtime: { source: { toolchain: bum, start: { command: bun x } } }\n"
			"expose:\n"
			"- { path: x, target: a }\n",
			"k.yml:1:1: error: a manifest needs the key \"name\"\n"
			"k.yml:1:10: error: expected the version '1', the only one there is, not "
			"the text \"2\"\n"
			"k.yml:2:1: error: unknown key \"nam\" in a manifest\n"
			"  did you mean \"name\"?\n"
			"k.yml:5:5: error: unknown key \"endpoint\" in a workload\n"
			"  did you mean \"endpoints\"?\n"
			"k.yml:6:19: error: the workload \"b\" is not declared under "
			"\"workloads\"\n"
			"k.yml:7:37: error: expected a toolchain (bun), not the text \"bum\"\n"
			"  did you mean \"bun\"?\n"
			"k.yml:9:11: error: \"x\" cannot be a path: it has to begin with \"/\"\n"
			"k.yml:9:22: error: the workload \"a\" has no endpoints, so there is "
			"nothing to expose\n",
		},
	};

	check_cases(CASES);
}

static void test_tags(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD WORKLOAD "dependencies:\n"
				      "  d:\n"
				      "    source: !LocalPackage\n"
				      "      path: ../d\n"
				      "    target: !BundledChild\n"
				      "      lifecycle: applied\n",
			"k.yml:8:13: error: the YAML tag \"!LocalPackage\" is of an older form of "
			"the manifest: write \"source: { path: FOLDER }\" without a tag\n"
			"k.yml:10:5: error: the key \"target\" is of an older form of the "
			"manifest: a dependency always runs inside this app; remove it\n"
			"k.yml:10:13: error: the YAML tag \"!BundledChild\" is of an older form of "
			"the manifest: a dependency has no target any more; remove it\n",
		},
		{
			HEAD WORKLOAD "license: !!str x\n",
			"k.yml:6:10: error: a manifest has no YAML tags such as "
			"\"tag:yaml.org,2002:str\": write the value without it\n",
		},
		{
			HEAD WORKLOAD "tests: !<x> []\n",
			"k.yml:6:8: error: a manifest has no YAML tags such as \"x\": write the "
			"value without it\n",
		},
	};

	check_cases(CASES);
}

static void test_options(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD WORKLOAD
			"options:\n"
			"  a.b: { kind: string }\n"
			"  b: {}\n"
			"  c: { kind: sting }\n"
			"  d: { kind: number, default: '4' }\n"
			"  e: { kind: string, default: 5 }\n"
			"  f: { kind: enum, default: x }\n"
			"  g: { kind: enum, default: cuba, enum_values: [none, cuda, none, ~] }\n"
			"  h: { kind: boolean, default: yes }\n"
			"  i: { kind: boolean, enum_values: [a] }\n"
			"  j: 5\n"
			"  k: { kind: enum, enum_values: [] }\n"
			"  l: { kind: enum, enum_values: x }\n"
			"  m: { kind: number, default: 01 }\n"
			"  n: { kind: number, descripton: x }\n"
			"  o: { kind: string, default: }\n",
			"k.yml:7:3: error: the key \"a.b\" of an option has to be letters, digits, "
			"\"_\" and \"-\", and may not begin with \"-\"\n"
			"k.yml:8:3: error: an option needs the key \"kind\"\n"
			"k.yml:9:14: error: expected string, number, enum or boolean, not the text "
			"\"sting\"\n"
			"  did you mean \"string\"?\n"
			"k.yml:10:31: error: expected a number (without quotes) as default of a "
			"number, not the text \"4\"\n"
			"k.yml:11:31: error: expected a text (in quotes, if it looks like a "
			"number) as default of a string, not the number 5\n"
			"k.yml:12:3: error: an option of kind enum needs \"enum_values\"\n"
			"k.yml:13:29: error: option \"g\" takes one of none, cuda, not \"cuba\"\n"
			"  did you mean \"cuda\"?\n"
			"k.yml:13:61: error: the value \"none\" is given twice\n"
			"k.yml:13:67: error: expected a value, not nothing\n"
			"k.yml:14:32: error: expected true or false as default of a boolean, not "
			"the text \"yes\"\n"
			"k.yml:15:23: error: only an option of kind enum has \"enum_values\"\n"
			"k.yml:16:6: error: expected the keys of an option (a mapping), not the "
			"number 5\n"
			"k.yml:17:33: error: enum_values needs at least one value\n"
			"k.yml:18:33: error: expected a list of values, not the text \"x\"\n"
			"k.yml:19:31: error: expected a number (without quotes) as default of a "
			"number, not the text \"01\"\n"
			"k.yml:20:22: error: unknown key \"descripton\" in an option\n"
			"  did you mean \"description\"?\n"
			"k.yml:21:22: error: expected a text (in quotes, if it looks like a "
			"number) as default of a string, not nothing\n",
		},
		{
			HEAD WORKLOAD "options: [a]\n",
			"k.yml:6:10: error: expected a mapping of options, not a list\n",
		},
	};

	check_cases(CASES);
}

static void test_secrets(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD WORKLOAD "secrets:\n"
				      "  a:\n"
				      "  b: { required: 1 }\n"
				      "  c-: {}\n"
				      "  d: [x]\n"
				      "  e: { description: }\n",
			"k.yml:8:18: error: expected true or false, not the number 1\n"
			"k.yml:9:3: error: the key \"c-\" of a secret has to be lower-case "
			"letters, digits, \"-\" and \"_\", begin with a letter and end with a "
			"letter or digit\n"
			"k.yml:10:6: error: expected the keys of a secret (a mapping), not a list\n"
			"k.yml:11:8: error: expected a text, not nothing\n",
		},
		{
			HEAD WORKLOAD "secrets: x\n",
			"k.yml:6:10: error: expected a mapping of secrets, not the text \"x\"\n",
		},
	};

	check_cases(CASES);
}

static void test_host_mounts(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD WORKLOAD "host_mounts:\n"
				      "  a-b: { access: readonly }\n"
				      "  a_b: { usage: x, access: read_write }\n"
				      "  c: { usage: [x] }\n"
				      "  d: ro\n",
			"k.yml:7:18: error: expected read_only or read_write, not the text "
			"\"readonly\"\n"
			"  did you mean \"read_only\"?\n"
			"k.yml:8:3: error: the mounts \"a-b\" and \"a_b\" would share one variable "
			"(CAPAKIT_MOUNT_...); rename one of them\n"
			"k.yml:9:15: error: expected a text, not a list\n"
			"k.yml:10:6: error: expected the keys of a host mount (a mapping), not the "
			"text \"ro\"\n",
		},
		{
			HEAD WORKLOAD "host_mounts: 1\n",
			"k.yml:6:14: error: expected a mapping of host mounts, not the number 1\n",
		},
	};

	check_cases(CASES);
}

static void test_dependencies(void **state)
{
	static const struct problem_case CASES[] = {
		{
			HEAD WORKLOAD "options:\n"
				      "  model: { kind: string }\n"
				      "host_mounts:\n"
				      "  files: {}\n"
				      "secrets:\n"
				      "  token: {}\n"
				      "dependencies:\n"
				      "  a: {}\n"
				      "  b: { source: {} }\n"
				      "  c: { source: { path: /x, git: 'ftp://x' } }\n"
				      "  d:\n"
				      "    source: { path: ../x }\n"
				      "    options:\n"
				      "      q: { from_option: modle }\n"
				      "      r: [1]\n"
				      "      s: { fromoption: model }\n"
				      "    mount_bindings: { x: filse, y: files }\n"
				      "    secret_bindings: { z: tokne }\n"
				      "  e: { source: { git: '-oProxyCommand=x' }, target: y }\n"
				      "  f: { source: ../x }\n"
				      "  g: { source: { git: 'https://a b' } }\n"
				      "  H: { source: { path: x } }\n",
			"k.yml:13:3: error: a dependency needs the key \"source\"\n"
			"k.yml:14:16: error: a source needs \"path\" or \"git\"\n"
			"k.yml:15:24: error: the folder of a dependency is relative to this Kit's, "
			"not \"/x\"\n"
			"k.yml:15:28: error: a source is either \"path\" or \"git\", not both\n"
			"k.yml:15:33: error: a git source is https://..., git@HOST:... or "
			"file:///..., with #REF at its end if wanted, not the text \"ftp://x\"\n"
			"k.yml:19:25: error: the option \"modle\" is not declared under "
			"\"options\"\n"
			"  did you mean \"model\"?\n"
			"k.yml:20:10: error: expected a value or { from_option: NAME }, not a "
			"list\n"
			"k.yml:21:7: error: a value from an option needs the key \"from_option\"\n"
			"k.yml:21:12: error: unknown key \"fromoption\" in a value from an option\n"
			"  did you mean \"from_option\"?\n"
			"k.yml:22:26: error: the mount \"filse\" is not declared under "
			"\"host_mounts\"\n"
			"  did you mean \"files\"?\n"
			"k.yml:23:27: error: the secret \"tokne\" is not declared under "
			"\"secrets\"\n"
			"  did you mean \"token\"?\n"
			"k.yml:24:23: error: a git source is https://..., git@HOST:... or "
			"file:///..., with #REF at its end if wanted, not the text "
			"\"-oProxyCommand=x\"\n"
			"k.yml:24:45: error: the key \"target\" is of an older form of the "
			"manifest: a dependency always runs inside this app; remove it\n"
			"k.yml:25:16: error: expected the keys of a source (a mapping), not the "
			"text \"../x\"\n"
			"k.yml:26:23: error: a git source is https://..., git@HOST:... or "
			"file:///..., with #REF at its end if wanted, not the text \"https://a "
			"b\"\n"
			"k.yml:27:3: error: the key \"H\" of a dependency has to be lower-case "
			"letters, digits, \"-\" and \"_\", begin with a letter and end with a "
			"letter or digit\n",
		},
		{
			HEAD WORKLOAD "dependencies: [a]\n",
			"k.yml:6:15: error: expected a mapping of dependencies, not a list\n",
		},
	};

	check_cases(CASES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_top),	     cmocka_unit_test(test_all_at_once),
		cmocka_unit_test(test_tags),	     cmocka_unit_test(test_options),
		cmocka_unit_test(test_secrets),	     cmocka_unit_test(test_host_mounts),
		cmocka_unit_test(test_dependencies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
