// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The system-call filter of a policy, from the tables that it is compiled from. Pure. */
#include "base/buf.h"
#include "controller/sandbox/policy.h"

/* For people: calls by verdict, then what depends on arguments, each with its reason. */
void filter_view(struct buf *out, const struct policy *policy);

/*
 * {"others": VERDICT, "reason", "groups": [{"verdict", "reason", "calls"}], "arguments": [{"call",
 * "verdict", "when", "reason"}]}; a verdict is "allow", "EPERM" and so on. The caller frees.
 */
char *filter_view_json(const struct policy *policy);
