// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Runs capakit-unpack (controller/unpack), once, in a sandbox that has the archive and a folder. */
#include "base/sha256.h"
#include "controller/sources/workshop.h"

/*
 * Unpacks the archive at `path`, which lies in the workshop, and keeps what was in it in the store
 * under `key` (kept.h). `name` is where it came from and `version` which one it is, for people.
 */
must_check bool unpack_job(const struct workshop *workshop, const char *path, const char *name,
			   const char *version, const char key[SHA256_HEX], struct err *err);
