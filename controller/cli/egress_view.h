// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The rules of a phase's egress sidecar, as it gets them. Pure. */
#include "base/buf.h"
#include "controller/app/plan_egress.h"

/* For people, with the reason of each. */
void egress_view(struct buf *out, const struct plan_egress *egress);

/*
 * [{"name", "port" (null: 80 and 443), "exempt", "address" (null: what the resolver says),
 * "reason"}]. The caller frees.
 */
char *egress_view_json(const struct plan_egress *egress);
