// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One file out of a Kit: what a snapshot of it would hold, but for what its .gitignore files leave
 * out and what looks like somebody's secrets (docs/package.md). The same files give the same
 * bytes.
 */
#include "base/err.h"
#include "base/sha256.h"
#include "controller/manifest/manifest.h"

#define PACKAGE_SUFFIX ".capakit"

struct package_left_out {
	char *path;
	const char *reason;
};

struct package_request {
	int kit; // the open folder
	const struct manifest *manifest;
	char *const
		*include; // paths that look like secrets and are meant to be in; NULL-terminated
};

struct package_result {
	char digest[SHA256_HEX]; // of the file's bytes
	size_t files;		 // files, folders and symlinks in it
	uint64_t bytes;		 // of the file
	struct package_left_out *left_out;
	size_t n_left_out;
};

/*
 * Writes the archive to `out`, which is empty. ERR_USAGE for a Kit that would not run from a
 * package: a symlink or a dependency that leads out of it, a workload whose folder is left out.
 * `result` is to be freed in any case.
 */
must_check bool package_write(const struct package_request *request, int out,
			      struct package_result *result, struct err *err);
void package_result_free(struct package_result *result);
