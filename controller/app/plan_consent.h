// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What a person is told before it runs: a phase that has both a way out and folders of this machine
 * can send away what it reads there. Pure.
 */
#include "base/buf.h"
#include "controller/app/plan.h"

/*
 * Appends some lines about the phase if it has both, else nothing: its policy, and the connections
 * of `caller` to hosts outside (NULL: the phase has no connections). Names and paths in them are as
 * they are: escape them for a terminal. False when `out` is full.
 */
must_check bool plan_consent_phase(const char *workload, const char *phase,
				   const struct policy *policy, const struct plan_workload *caller,
				   struct buf *out);

/* The same for all that will run: the phases of `up`, or the command of `exec`. */
must_check bool plan_consent(const struct plan *plan, struct buf *out);
