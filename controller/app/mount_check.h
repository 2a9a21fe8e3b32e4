// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Which folders of this machine a person may not bind to a mount. */
#include "base/err.h"

/*
 * ERR_DENIED when the folder (a real path) holds capakit's own folders or lies in one: there are
 * the secrets and their key, and what other Kits run.
 */
must_check bool mount_check(const char *folder, struct err *err);

/* Whether one of two real paths is the other one or above it. Pure. */
bool mount_overlaps(const char *a, const char *b);
