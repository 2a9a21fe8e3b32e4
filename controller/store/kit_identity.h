// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * To whom a stored secret belongs: a Kit, by its name and its source, so that another Kit of the
 * same name does not get it. Readable, and the same for as long as the Kit comes from there:
 *   invoice-helper@0f1e2d3c4b5a6978
 */
#include "base/err.h"

enum kit_source_kind { KIT_SOURCE_FOLDER, KIT_SOURCE_GIT, KIT_SOURCE_ARCHIVE };

/*
 * `source` is a folder's real path, a git URL (a #ref at its end does not count), or an archive's
 * digest in hexadecimal. Pure. The caller frees.
 */
char *kit_identity(const char *kit_name, enum kit_source_kind kind, const char *source);

/* The same of a folder by any of its paths. NULL when it does not exist. */
char *kit_identity_of_folder(const char *kit_name, const char *path, struct err *err);
