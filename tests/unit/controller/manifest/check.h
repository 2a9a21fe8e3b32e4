// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What the tests of the manifest share: a manifest around the lines under test, and its problems.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "controller/manifest/manifest.h"

#define HEAD "version: '1'\nname: k\n"
#define RUNTIME "    runtime: { source: { toolchain: bun, start: { command: bun x } } }\n"
#define WORKLOAD "workloads:\n  a:\n" RUNTIME

struct problem_case {
	const char *text;
	const char *problems; // as they are printed
};

static inline char *printed(const struct manifest_problems *problems)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	manifest_problems_print(out, problems);
	fclose(out);
	return text;
}

static inline void check_case(const struct problem_case *expected)
{
	struct manifest_problems problems;

	manifest_problems_init(&problems);
	struct manifest *manifest =
		manifest_parse(expected->text, strlen(expected->text), "k.yml", &problems);
	auto_free char *text = printed(&problems);

	assert_string_equal(text, expected->problems);
	assert_int_equal(manifest != NULL, problems.errors == 0);
	manifest_free(&manifest);
	manifest_problems_free(&problems);
}

#define check_cases(cases)                                                                         \
	do {                                                                                       \
		for (size_t i_ = 0; i_ < array_len(cases); i_++)                                   \
			check_case(&(cases)[i_]);                                                  \
	} while (0)

/* A manifest that has to be valid and without warnings. */
static inline struct manifest *parsed(const char *text)
{
	struct manifest_problems problems;

	manifest_problems_init(&problems);
	struct manifest *manifest = manifest_parse(text, strlen(text), "k.yml", &problems);
	auto_free char *shown = printed(&problems);

	assert_string_equal(shown, "");
	assert_non_null(manifest);
	manifest_problems_free(&problems);
	return manifest;
}
