// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Manifests of published Kits, where a checkout has them beside it (the first argument, a folder
 * of Kits): all are valid but one of an older form, whose errors name the present one. Without the
 * folder the status is 77, which ctest shows as skipped.
 */
#include "tests/unit/controller/manifest/check.h"

#include <fcntl.h>

#include "base/fd.h"

#define EXIT_SKIPPED 77

static int kits = -1;

static struct manifest *load(const char *name, struct manifest_problems *problems, struct err *err)
{
	auto_fd int dir = openat(kits, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(dir >= 0);
	manifest_problems_init(problems);
	return manifest_load(dir, name, problems, err);
}

static void assert_valid(const char *name, size_t workloads, size_t tests, size_t warnings)
{
	struct manifest_problems problems;
	struct err err = {0};
	struct manifest *manifest = load(name, &problems, &err);

	if (!manifest)
		manifest_problems_print(stderr, &problems);
	assert_non_null(manifest);
	assert_int_equal(manifest->n_workloads, workloads);
	assert_int_equal(manifest->n_tests, tests);
	assert_int_equal(problems.warnings, warnings);
	manifest_free(&manifest);
	manifest_problems_free(&problems);
}

static void test_present_form(void **state)
{
	assert_valid("llama-cpp-local-kit", 1, 1, 1); // its gpu is "metal" by default
	assert_valid("realtime-voice-demo-kit", 4, 2, 0);
	assert_valid("stable-diffusion-local-kit", 1, 2, 0);
}

static void test_older_form(void **state)
{
	struct manifest_problems problems;
	struct err err = {0};

	assert_null(load("local-image-tagger-demo-kit", &problems, &err));
	assert_int_equal(err.code, ERR_MANIFEST);
	auto_free char *text = printed(&problems);
	assert_non_null(strstr(text,
			       ":21:13: error: the YAML tag \"!LocalPackage\" is of an older form "
			       "of the manifest: write \"source: { path: FOLDER }\""));
	assert_non_null(strstr(text, ":23:5: error: the key \"target\" is of an older form"));
	manifest_problems_free(&problems);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_present_form),
		cmocka_unit_test(test_older_form),
	};

	kits = argc > 1 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (kits < 0) {
		printf("skipped: there is no folder of published Kits\n");
		return EXIT_SKIPPED;
	}
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	fd_close(&kits);
	return failed;
}
