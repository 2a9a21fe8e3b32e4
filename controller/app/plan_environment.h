// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The environment of a workload's phases, as kit-contract.md, section 3, lists it. Pure. */
#include "controller/app/plan.h"

#define PLAN_VIEW "/run/capakit" // where a workload sees its view
#define PLAN_INGRESS_SOCKET "http.sock"
#define PLAN_BRIDGE_SOCKET "bridge.sock"
#define PLAN_TOOLCHAIN "/opt/capakit/bin"
#define PLAN_MOUNTS "/mnt"
#define PLAN_CA_BUNDLE "/etc/ssl/certs/ca-certificates.crt"
#define PLAN_EGRESS_PORT 3128

/* What every phase has: PATH, HOME and so on, and what the manifest sets for the phase. */
void plan_environment_common(const struct plan_inputs *inputs, const struct plan_kit *kit,
			     const struct manifest_phase *phase, struct policy *policy);

/* The variables of a command in a workload's sandbox: who it is, and its mounts. */
void plan_environment_command(const struct plan *plan, const struct plan_workload *workload,
			      struct policy *policy);
/* The variables of `start`: binds and connections besides. `presence_id` is set at each start. */
void plan_environment_start(const struct plan *plan, const struct plan_workload *workload,
			    struct policy *policy);

/* The variables of the workload's mounts. */
void plan_environment_mounts(const struct plan_inputs *inputs, const struct plan_workload *workload,
			     struct policy *policy);

/* The proxy and certificate variables of a phase that has network. */
void plan_environment_network(const struct plan_inputs *inputs, struct policy *policy);
