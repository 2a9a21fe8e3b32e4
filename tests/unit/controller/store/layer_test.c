// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "controller/store/layer.h"

static char *const argv_a[] = {(char[]){"bun"}, (char[]){"install"}, NULL};
static char *const argv_b[] = {(char[]){"bun install"}, NULL};
static char *const env_a[] = {(char[]){"A=1"}, NULL};
static char *const env_b[] = {(char[]){"A=2"}, NULL};
static char *const mounts[] = {(char[]){"data=/data read_only"}, NULL};

static const struct layer_inputs base = {
	.kit_identity = "kit@1",
	.snapshot = "s",
	.workload = "w",
	.phase = "prepare",
	.toolchain = "t",
	.network = "registries",
	.profile = "standard",
	.argv = argv_a,
	.env = env_a,
};

static void every_input_changes_the_key(void **unused)
{
	enum { COUNT = 13 };
	struct layer_inputs inputs[COUNT];
	char keys[COUNT][SHA256_HEX];
	for (int i = 0; i < COUNT; i++)
		inputs[i] = base;
	inputs[1].kit_identity = "kit@2";
	inputs[2].snapshot = "s2";
	inputs[3].workload = "w2";
	inputs[4].toolchain = "t2";
	inputs[5].network = "full";
	inputs[6].argv = argv_b;
	inputs[7].env = env_b;
	inputs[8].kit_identity = "kit@1s"; // a shifted border between two fields
	inputs[8].snapshot = "";
	inputs[9].phase = "hydrate";
	inputs[10].below = "b";
	inputs[11].mounts = mounts;
	inputs[12].profile = "minimal";
	for (int i = 0; i < COUNT; i++) {
		layer_key(&inputs[i], keys[i]);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(keys[i], keys[j]);
	}
}

static void same_inputs_same_key(void **unused)
{
	char first[SHA256_HEX], second[SHA256_HEX];
	layer_key(&base, first);
	layer_key(&base, second);
	assert_string_equal(first, second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_input_changes_the_key),
		cmocka_unit_test(same_inputs_same_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
