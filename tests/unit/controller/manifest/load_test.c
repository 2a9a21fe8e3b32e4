// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/controller/manifest/check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"

struct kit { // a folder that a test fills
	char path[64];
	int dir;
	struct manifest_problems problems;
	struct err err;
};

static int setup(void **state)
{
	struct kit *kit = xcalloc(1, sizeof(*kit));

	snprintf(kit->path, sizeof(kit->path), "/tmp/capakit-manifest-XXXXXX");
	assert_non_null(mkdtemp(kit->path));
	kit->dir = open(kit->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(kit->dir >= 0);
	manifest_problems_init(&kit->problems);
	*state = kit;
	return 0;
}

static int teardown(void **state)
{
	struct kit *kit = *state;
	struct err err = {0};

	auto_fd int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	fd_close(&kit->dir);
	manifest_problems_free(&kit->problems);
	assert_true(path_remove_tree(tmp, kit->path + strlen("/tmp/"), &err));
	free(kit);
	return 0;
}

static void put(const struct kit *kit, const char *name, const char *text)
{
	struct err err = {0};

	assert_true(path_write_atomic(kit->dir, name, text, strlen(text), 0644, &err));
}

static struct manifest *load(struct kit *kit)
{
	return manifest_load(kit->dir, "my-kit", &kit->problems, &kit->err);
}

static void assert_fails(struct kit *kit, enum err_code code, const char *part)
{
	assert_null(load(kit));
	assert_int_equal(kit->err.code, code);
	if (!strstr(kit->err.text, part))
		fail_msg("\"%s\" does not say \"%s\"", kit->err.text, part);
}

static void test_manifest_and_tests(void **state)
{
	struct kit *kit = *state;

	put(kit, "capability.yml", HEAD WORKLOAD);
	put(kit, "capability-test.yml",
	    "tests:\n- { id: t, kind: exec, target: { workload: a }, request: { command: x } }\n");
	struct manifest *manifest = load(kit);
	assert_non_null(manifest);
	assert_int_equal(manifest->n_tests, 1);
	assert_int_equal(kit->problems.count, 0);
	manifest_free(&manifest);
}

static void test_broken_manifest(void **state)
{
	struct kit *kit = *state;

	put(kit, "capability.yml", HEAD);
	assert_fails(kit, ERR_MANIFEST, "my-kit has 1 error");
	auto_free char *text = printed(&kit->problems);
	assert_string_equal(
		text, "my-kit/capability.yml:1:1: error: a manifest needs the key \"workloads\"\n");
}

static void test_broken_tests(void **state)
{
	struct kit *kit = *state;

	put(kit, "capability.yml", HEAD WORKLOAD);
	put(kit, "capability-test.yml", "tests:\n- { id: t }\nname: x\n");
	assert_fails(kit, ERR_MANIFEST, "my-kit has 4 errors");
	auto_free char *text = printed(&kit->problems);
	assert_non_null(strstr(text,
			       "my-kit/capability-test.yml:3:1: error: unknown key \"name\" in a "
			       "file of tests\n"));
}

static void test_same_id_in_both_files(void **state)
{
	struct kit *kit = *state;
	static const char TESTS[] = "tests:\n- { id: t, kind: exec, target: { workload: a }, "
				    "request: { command: x } }\n";
	auto_free char *manifest = xasprintf("%s%s", HEAD WORKLOAD, TESTS);

	put(kit, "capability.yml", manifest);
	put(kit, "capability-test.yml", TESTS);
	assert_fails(kit, ERR_MANIFEST, "1 error");
	assert_string_equal(kit->problems.items[0].text, "there is another test \"t\"");
}

static void test_tests_that_fail_leave_the_manifest(void **state)
{
	struct manifest_problems problems;
	struct manifest *manifest =
		parsed(HEAD WORKLOAD "tests:\n- { id: t, kind: exec, target: { workload: a }, "
				     "request: { command: x } }\n");
	static const char MORE[] =
		"tests:\n"
		"- { id: u, kind: exec, target: { workload: a }, request: { command: x } }\n"
		"- { id: v }\n";

	manifest_problems_init(&problems);
	assert_false(manifest_parse_tests(manifest, MORE, strlen(MORE), "t.yml", &problems));
	assert_int_equal(manifest->n_tests, 1);
	assert_string_equal(manifest->tests[0].id, "t");
	manifest_problems_free(&problems);
	manifest_free(&manifest);
}

static void test_missing(void **state)
{
	struct kit *kit = *state;

	assert_fails(kit, ERR_MISSING, "no file capability.yml in my-kit");
	put(kit, "capability.yaml", HEAD WORKLOAD);
	assert_fails(kit, ERR_MISSING, "rename it to capability.yml");
}

static void test_docker_kit(void **state)
{
	struct kit *kit = *state;

	put(kit, "spec.yaml", "schemaVersion: 1\n");
	assert_fails(kit, ERR_MISSING, "one of Docker");
	put(kit, "capability.yml", HEAD WORKLOAD); // it may have both
	struct manifest *manifest = load(kit);
	assert_non_null(manifest);
	manifest_free(&manifest);
}

/* What the name stands for is a file of the Kit, or it is not read. */
static void test_no_regular_file(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(symlinkat("/etc/passwd", kit->dir, "capability.yml"), 0);
	assert_fails(kit, ERR_DENIED, "is a symbolic link");
	assert_int_equal(kit->problems.count, 0);
	assert_int_equal(unlinkat(kit->dir, "capability.yml", 0), 0);
	assert_int_equal(mkfifoat(kit->dir, "capability.yml", 0600), 0);
	assert_fails(kit, ERR_MISSING, "is not a file");
	assert_int_equal(unlinkat(kit->dir, "capability.yml", 0), 0);
	assert_int_equal(mkdirat(kit->dir, "capability.yml", 0700), 0);
	assert_fails(kit, ERR_MISSING, "is not a file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define kit_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		kit_test(test_manifest_and_tests),
		kit_test(test_broken_manifest),
		kit_test(test_broken_tests),
		kit_test(test_same_id_in_both_files),
		cmocka_unit_test(test_tests_that_fail_leave_the_manifest),
		kit_test(test_missing),
		kit_test(test_docker_kit),
		kit_test(test_no_regular_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
