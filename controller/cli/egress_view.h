// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What a phase may reach through its egress sidecar; of a phase without one nothing. Pure. */
#include "controller/cli/phase_view.h"

/* For people, with the reason of each rule; then the host's own proxy, if it has one. */
void egress_view(struct buf *out, const struct phase_view *view);

/*
 * [{"name", "port" (null: 80 and 443), "exempt", "address" (null: what the resolver says),
 * "reason", "from"}]; "null" for a phase without egress sidecar. The caller frees.
 */
char *egress_view_json(const struct phase_view *view);

/* {"http", "tunnels" ("host:port" or null), "not_for": [...]}; "null": no proxy. The caller frees.
 */
char *egress_view_proxy_json(const struct phase_view *view);
