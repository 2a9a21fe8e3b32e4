// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Where the doctor's attacks happen: a victim outside, and the plan of an app of one workload,
 * whose `start` sandbox is the very one that `capakit up` would make for it, with the attack in its
 * Kit.
 */
#include "controller/app/names.h"
#include "controller/app/plan.h"
#include "controller/attack/list.h"
#include "controller/doctor/attack_victim.h"
#include "controller/doctor/laboratory.h"
#include "controller/store/toolchain.h"

struct attack_site {
	struct laboratory laboratory;
	struct attack_victim_process victim;
	struct attack_facts facts;

	struct toolchain toolchain;
	struct manifest *manifest;
	char *folders[4]; // of the laboratory; the plan's inputs name them
	struct plan_value shared;
	struct plan_kit kit;
	struct cgroup_support no_groups; // the sandboxes are short, and hold little
	uid_t uids[5]; // as root: of a workload four, and the edge's (plan_inputs)
	char run_id[RUN_ID_HEX];
	struct plan_inputs inputs;
	struct plan *plan;
};

#define ATTACK_SITE_NONE                                                                           \
	{                                                                                          \
		.laboratory = LABORATORY_NONE, .victim = ATTACK_VICTIM_NONE                        \
	}

must_check bool attack_site_open(struct attack_site *site, struct err *err);
void attack_site_close(struct attack_site *site); // also one that failed to open

/* A new start of the workload: an empty throwaway layer, and its policy with this command, which
 * the caller frees. NULL: failed. */
struct policy *attack_site_start(struct attack_site *site, char *const *words, struct err *err);
