// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The Landlock part of confine.c: no file at all, no TCP port the role has no use for. */
#include "sidecar/confine.h"

must_check bool confine_landlock(const struct confine_role *role, struct err *err);
