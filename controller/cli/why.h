// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Whether a workload reaches something, and which line of a manifest says so: from the same plan
 * that `up` runs. Pure.
 */
#include "base/buf.h"
#include "controller/app/plan.h"

/*
 * Appends one line for each thing that `thing` can mean: a workload (KEY or KEY/PATH), a secret, a
 * mount, a host (NAME or NAME:PORT), or a path in the sandbox (/...). The lines are as manifests
 * have them: escape them for a terminal. *may: at least one of them is reached. ERR_USAGE when it
 * can mean nothing.
 */
must_check bool why_explain(struct buf *out, const struct plan *plan,
			    const struct plan_workload *workload, const char *thing, bool *may,
			    struct err *err);
