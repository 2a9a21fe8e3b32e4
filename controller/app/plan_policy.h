// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The sandbox policy of each phase of a workload (architecture.md, section 4). Pure but for the
 * standard root, which looks at what the host has to mount. */
#include "controller/app/plan.h"

/* NULL: failed. The caller frees. Layers are planned from below. */
struct policy *plan_policy_layer(const struct plan *plan, const struct plan_workload *workload,
				 enum manifest_phase_name phase, struct err *err);
struct policy *plan_policy_start(const struct plan *plan, const struct plan_workload *workload,
				 struct err *err);

/* Of a command in the workload's sandbox while the workload does not run: the network and mounts of
 * `start`, and its throwaway layer, but no connections. */
struct policy *plan_policy_command(const struct plan *plan, const struct plan_workload *workload,
				   char *const *argv, size_t n_argv, struct err *err);

/* The same, but on the folder as it is on this machine. */
struct policy *plan_policy_exec(const struct plan *plan, const struct plan_workload *workload,
				const struct plan_exec *exec, struct err *err);

/* Where a phase's own layer goes: <run folder>/<workload>.<phase>/{upper,work}. */
char *plan_layer_folder(const struct plan_inputs *inputs, const char *workload, const char *phase);

/* Where a rule of the phase's network stands; a default stands where the phase does. */
struct location plan_network_place(const struct manifest_phase *phase, struct location at);

/* The network of a phase in words, for reasons and digests: "registries", "allow a:443 b:0". */
char *plan_network_text(const struct manifest_network *network);
