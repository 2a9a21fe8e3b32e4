// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The rules of a phase's egress sidecar, as it gets them; of a phase without one nothing. Pure. */
#include "controller/cli/phase_view.h"

/* For people, with the reason of each. */
void egress_view(struct buf *out, const struct phase_view *view);

/*
 * [{"name", "port" (null: 80 and 443), "exempt", "address" (null: what the resolver says),
 * "reason", "from"}]; "null" for a phase without egress sidecar. The caller frees.
 */
char *egress_view_json(const struct phase_view *view);
