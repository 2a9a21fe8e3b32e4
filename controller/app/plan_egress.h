// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What a phase may reach, as the rules that its egress sidecar gets; `capakit policy show` prints
 * the same list. Pure.
 */
#include "controller/app/plan.h"

struct plan_egress_rule {
	char *name;			    // exact, "*.example.org", or "*"
	uint16_t port;			    // 0: 80 and 443
	bool exempt;			    // its addresses may be private
	const struct host_service *service; // what the name means; NULL: what the resolver says
	char *reason;
	struct location at; // in the manifest; line 0: the phase's default
};

struct plan_egress {
	struct plan_egress_rule *rules;
	size_t n_rules;
};

/* Does this network go through an egress sidecar? */
bool plan_egress_wanted(const struct manifest_network *network);

/*
 * Of a phase whose network goes through egress. A service of the host is reached by what both the
 * person allows and the manifest names (or `full`); prepare and hydrate reach none, since what
 * they make is kept for other runs.
 */
struct plan_egress *plan_egress_new(const struct plan_inputs *inputs,
				    const struct manifest_network *network,
				    enum manifest_phase_name phase);
void plan_egress_free(struct plan_egress **egress);

/* ERR_USAGE when the person allows a service that no phase can reach. */
must_check bool plan_egress_check(const struct plan *plan, struct err *err);
