// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Connections to hosts outside (`host:` in a manifest). All of a workload end in one sidecar of its
 * own, which dials them and has the secrets that are put into requests; each is a link. Pure.
 */
#include "controller/app/plan.h"

/* Adds the connection to the plan: its socket, its link, and the sidecar when it is the first. */
void plan_add_outside(struct plan *plan, size_t caller, const struct manifest_connection *outside);

/* "api.example.com:443". The caller frees. */
char *plan_outside_host(const struct manifest_connection *outside);

/* What may go there, for people, with the names of the secrets that go along. The caller frees. */
char *plan_outside_text(const struct manifest_connection *outside);
