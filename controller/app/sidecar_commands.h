// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What the controller tells the sidecars of an app: the plan, as messages of sidecar.proto. */
#include "controller/app/app.h"

/* Registers the sidecar's identity and grants with the keeper, for the channel end `keeper`. */
must_check bool sidecar_add_principal(struct app *app, struct app_sidecar *sidecar, int keeper,
				      struct err *err);

/* Everything that a fresh sidecar is told at once: who it is and what it serves. */
must_check bool sidecar_configure(struct app *app, struct app_sidecar *sidecar, struct err *err);

must_check bool sidecar_add_link(struct app_sidecar *sidecar, const struct plan_link *link,
				 bool as_caller, const char *peer, int fd, struct err *err);
/* A fault on the link of this name, as sidecar_set_faults sends it. */
struct sidecar_fault {
	const struct manifest_fault *fault;
	const char *link;
};
must_check bool sidecar_set_faults(struct app_sidecar *sidecar, uint32_t serial,
				   const struct sidecar_fault *faults, size_t count,
				   struct err *err);
must_check bool sidecar_watch_ready(struct app_sidecar *sidecar, uint32_t token, struct err *err);
must_check bool sidecar_pause(struct app_sidecar *sidecar, uint32_t token, struct err *err);
must_check bool sidecar_drain(struct app_sidecar *sidecar, struct err *err);
