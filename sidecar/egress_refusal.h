// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What somebody who was refused is told, in the answer and in the log. Pure. */
#include "base/buf.h"
#include "sidecar/egress_policy.h"

/*
 * The phase, the host, the rule that refused it, and the line of the manifest, or the option, that
 * would allow it. `address_refusal` is what egress_address_refusal said; NULL: refused by its name.
 * False when `out` is full.
 */
bool egress_refusal_text(const struct egress_target *target, const struct egress_policy *policy,
			 const char *address_refusal, struct buf *out);
