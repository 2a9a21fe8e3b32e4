// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The layers of a workload: what of its plan makes one differ from another. Pure. */
#include "controller/app/plan.h"
#include "controller/store/uses.h"

/* The key of what the phase makes; its policy and the layers below it are planned already. */
void plan_layer_key(const struct plan *plan, const struct plan_workload *workload,
		    enum manifest_phase_name phase, char key[SHA256_HEX]);

/* Every snapshot and layer that the app mounts. Free it with uses_free. */
void plan_uses(const struct plan *plan, struct store_uses *uses);
