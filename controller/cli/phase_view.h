// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* All that one phase of a workload may touch: its sandbox's policy, the filter, and what it reaches
 * through the sidecars. Pure. */
#include "base/buf.h"
#include "controller/app/plan.h"

struct phase_view {
	const struct plan *plan;
	const struct plan_workload *workload;
	enum manifest_phase_name phase;
	const char
		*command; // "exec", "test": a command with the network of `start`; NULL: the phase
	const struct policy *policy;
	const char *profile_from; // "--profile"; "": it is the default
};

/* For people. */
void phase_view(struct buf *out, const struct phase_view *view);

/* As docs/cli.md describes it. The caller frees. */
char *phase_view_json(const struct phase_view *view);
