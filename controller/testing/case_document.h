// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What the tester is told of a case: the document of tester/case.h, made from the manifest. Pure.
 */
#include <stdint.h>

#include "controller/manifest/manifest.h"

/* Where an http or mcp case goes. */
struct case_target {
	const char *address; // of the app, for an exposed path
	uint16_t port;
	const char *socket; // instead: a name in the tester's folder of sockets
};

/* A document for the tester; the caller frees. */
char *case_document(const struct manifest_test *test, const struct case_target *target);
char *case_document_exec(const struct manifest_test *test, int exit_code);

/*
 * The validations of a case. One that has none of its own still has to succeed: a command with
 * status 0, a request with a status below 400.
 */
size_t case_count_validations(const struct manifest_test *test);
const char *case_validation(const struct manifest_test *test, size_t i);
