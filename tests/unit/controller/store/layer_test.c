// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/store/layer.h"

static char *const argv_a[] = {(char[]){"bun"}, (char[]){"install"}, NULL};
static char *const argv_b[] = {(char[]){"bun install"}, NULL};
static char *const env_a[] = {(char[]){"A=1"}, NULL};
static char *const env_b[] = {(char[]){"A=2"}, NULL};

static const struct layer_inputs base = {
	.kit_identity = "kit@1",
	.snapshot = "s",
	.workload = "w",
	.toolchain = "t",
	.network = "registries",
	.profile = "standard",
	.argv = argv_a,
	.env = env_a,
};

static void every_input_changes_the_key(void **unused)
{
	enum { N = 10 };
	struct layer_inputs inputs[N];
	char keys[N][SHA256_HEX];
	for (int i = 0; i < N; i++)
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
	inputs[9].profile = "minimal";
	for (int i = 0; i < N; i++) {
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

static void is_there_once_published(void **unused)
{
	char folder[] = "/tmp/capakit-layer-XXXXXX";
	struct err err;
	assert_non_null(mkdtemp(folder));
	auto_fd int state = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(state, "staging", 0700), 0);
	auto_fd int staging = openat(state, "staging", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int twice = 0; twice < 2; twice++) {
		assert_int_equal(mkdirat(staging, "upper", 0755), 0);
		assert_int_equal(mkdirat(staging, "upper/node_modules", 0755), 0);
		assert_int_equal(layer_exists(state, "k"), twice);
		assert_true(layer_publish(state, staging, "upper", "k", &err));
		assert_true(layer_exists(state, "k"));
	}
	auto_fd int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(path_remove_tree(tmp, folder + strlen("/tmp/"), &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_input_changes_the_key),
		cmocka_unit_test(same_inputs_same_key),
		cmocka_unit_test(is_there_once_published),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
