// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * `$.body.items[0].title` and `$.body.title.eq("x")` of test cases, taken apart. Pure. On failure
 * nothing is allocated and the fault says what is wrong where.
 */
#include <stdbool.h>
#include <stddef.h>

#include "controller/manifest/manifest.h"

struct selector_fault {
	size_t offset; // of the byte at fault
	char text[200];
	const char *suggestion; // static, or NULL
};

bool selector_parse(const char *text, struct manifest_selector *selector,
		    struct selector_fault *fault);
bool validation_parse(const char *text, struct manifest_validation *validation,
		      struct selector_fault *fault);
void selector_clear(struct manifest_selector *selector);
void validation_clear(struct manifest_validation *validation);
