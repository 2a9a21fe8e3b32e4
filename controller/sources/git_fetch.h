// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Fetches a Kit from a git remote: git runs in a sandbox with no configuration of the host, no
 * hooks and no credentials, and reaches that remote and nothing else. What it brought is checked
 * (fsck), written as an archive by git, and unpacked like every other (unpack_job.h): no checkout
 * is made, so nothing that a repository holds becomes a file by git's doing.
 */
#include "base/sha256.h"
#include "controller/sources/git_refs.h"
#include "controller/sources/source_name.h"
#include "controller/sources/workshop.h"

/* The empty repository that the others work in; once, before them. */
must_check bool git_make_repository(const struct workshop *workshop, struct err *err);

/* Asks the remote which commit its ref is. `exempt`: it may have a private address. */
must_check bool git_resolve(const struct workshop *workshop, const struct git_url *url, bool exempt,
			    char commit[GIT_COMMIT_HEX], struct err *err);

/* Fetches that commit and nothing before it, and keeps it under `key` (kept.h). */
must_check bool git_fetch(const struct workshop *workshop, const struct git_url *url, bool exempt,
			  const char *commit, const char key[SHA256_HEX], struct err *err);
