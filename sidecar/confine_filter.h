// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The system-call filter of a role (seccomp(2)); internal to confine.c, which loads it last. */
#include "sidecar/confine.h"

must_check bool confine_filter_load(const struct confine_role *role, struct err *err);

/* The names of the calls in these groups, separated by spaces, in the table's order. */
bool confine_filter_describe(uint32_t groups, struct buf *out);
/* The names of the calls that kill the process, whatever the role. */
bool confine_filter_describe_killed(struct buf *out);
