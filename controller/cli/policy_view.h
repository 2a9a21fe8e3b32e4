// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* A sandbox policy for people: every line with its reason. Pure. */
#include "base/buf.h"
#include "controller/app/plan_resources.h"
#include "controller/sandbox/policy.h"

/* The limits that are held from outside of the sandbox, and by whom. */
void policy_view_resources(struct buf *out, const struct plan_resources *resources);

/* The same as a JSON array; the caller frees. */
char *policy_resources_json(const struct plan_resources *resources);

void policy_view(struct buf *out, const struct policy *policy);
