// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What a kernel must have for an app to be started at all: Linux 6.1, Landlock, seccomp. */
#include "base/err.h"

/*
 * ERR_UNSUPPORTED with the first thing that is not there, and what to do. Asked before anything is
 * made: what confines our own processes would fail half-way. What depends on who asks (namespaces,
 * overlays) is seen by the sandbox itself.
 */
must_check bool floor_check(struct err *err);
