// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What a Kit is, asks for, exposes, may do and runs, as its manifest says it, for people and for
 * machines. Pure; nothing of the Kit has run when it is shown.
 */
#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "controller/manifest/manifest.h"
#include "controller/sources/source.h"

/* A Kit and those that it depends on, each as far as it could be read. */
struct inspected {
	struct kit_source source;
	struct manifest *manifest; // NULL: it could not be read, `failure` says why
	char *identity;
	struct err failure;
	struct inspected *dependencies; // one for each of the manifest's, in that order
	size_t n_dependencies;
};

void inspect_view(struct buf *out, bool colour, const struct inspected *kit);
json_t *inspect_json(const struct inspected *kit); // docs/cli.md
