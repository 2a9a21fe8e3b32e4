// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Whether a validation of a test case holds, and in words what there was and what was wanted. Pure.
 */
#include <jansson.h>

#include "controller/manifest/manifest.h"

struct verdict {
	bool passed;
	char *got; // UTF-8, cut at TEST_SHOWN_MAX; the caller frees both
	char *wanted;
};

/*
 * `root` is what `$` stands for. What is not there satisfies not_exists and nothing else; a value
 * of a type that the validator is not for fails.
 */
void judge(const json_t *root, const struct manifest_validation *validation,
	   struct verdict *verdict);
void verdict_clear(struct verdict *verdict);
