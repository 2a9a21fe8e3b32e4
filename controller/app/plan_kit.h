// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The Kits of an app (kit-contract.md, section 2, `dependencies`): what each was given, and what
 * its name means in the others. Pure.
 */
#include "controller/app/plan.h"

/*
 * Fills the options, mounts and secrets of a dependency from those of the Kit above it, as the
 * bindings in that Kit's manifest say. `kit` has its manifest, name, parent and dependency already.
 * The arrays are the kit's to free with plan_kit_free_bound; their strings belong to the Kits above
 * and to the manifests. ERR_USAGE names the chain of dependencies and what is wrong.
 */
must_check bool plan_kit_bind(const struct plan_kit *kits, struct plan_kit *kit, struct err *err);

/* The same for the Kit that was started: its secrets are its own. */
void plan_kit_own_secrets(struct plan_kit *kit);

void plan_kit_free_bound(struct plan_kit *kit);

/* What a connection or an exposed path leads to, through however many imports. */
struct plan_target {
	const struct plan_kit *kit;
	const struct manifest_workload *workload; // no import
	const struct manifest_endpoint *endpoint;
};

/*
 * `endpoint` is the path of an endpoint of the workload `key` of this Kit. False when an import
 * names a path that its Kit does not expose.
 */
must_check bool plan_kit_resolve(const struct plan_inputs *inputs, const struct plan_kit *kit,
				 const char *key, const char *endpoint, struct plan_target *target,
				 struct err *err);

/* The secret that a Kit calls `key`; NULL: it is bound to none. */
const struct plan_secret *plan_kit_secret(const struct plan_kit *kit, const char *key);

/*
 * A place in the manifest of this Kit, for people: FILE:LINE:COLUMN, the file as seen from the
 * folder of the Kit that was started, or beside the URL that it came from; "" for line 0. The
 * caller frees.
 */
char *plan_kit_place(const struct plan_inputs *inputs, const struct plan_kit *kit,
		     struct location at);

/* Workloads that run: those that are no imports. */
size_t plan_kit_count_workloads(const struct plan_kit *kits, size_t n_kits);
