// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* A sandbox policy for people: every line with its reason. Pure. */
#include "base/buf.h"
#include "controller/sandbox/policy.h"

void policy_view(struct buf *out, const struct policy *policy);

/* Ends a line with why it is there and, unless that is "", where it was asked for. */
void policy_view_reason(struct buf *out, const char *text, const char *from);
