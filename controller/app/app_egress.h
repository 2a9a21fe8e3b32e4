// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The egress sidecar of one phase that has network. It lives as long as the phase's sandbox; one
 * that crashes in a running app is started again on the same listener, which the controller keeps.
 */
#include "controller/app/plan.h"
#include "controller/app/sandbox_process.h"
#include "controller/app/sidecar_process.h"

struct app;
struct app_egress;

/* After app_egress_end: the process is gone too, and its user is free for another. */
typedef void app_egress_gone_fn(void *owner);

struct app_egress_counters { // as EgressCounters of sidecar.proto
	uint64_t connections, refused, failed, bytes_up, bytes_down;
};

struct app_egress {
	struct app *app; // NULL: app_egress_init was not called
	const struct plan_workload *plan;
	enum manifest_phase_name phase;
	struct sandbox *sandbox;
	char *name; // of the phase: "prepare of workload editor"
	struct sidecar process;
	bool closing; // the process was told to end
	int listener; // -1: no sandbox needs it
	unsigned restarts;
	struct loop_timer restart;
	struct app_egress_counters ended; // of processes that have ended
	struct app_egress_counters now;	  // of the present one
	app_egress_gone_fn *on_gone;	  // may be NULL
	void *owner;
};

void app_egress_init(struct app_egress *egress, struct app *app, const struct plan_workload *plan,
		     enum manifest_phase_name phase, struct sandbox *sandbox,
		     app_egress_gone_fn *on_gone, void *owner);

/* A sandbox handed out its listener: the command starts when the sidecar serves it. */
void app_egress_serve(struct app_egress *egress, int listener);

/* The sandbox has ended. Does nothing before app_egress_init. */
void app_egress_end(struct app_egress *egress);
bool app_egress_running(const struct app_egress *egress);
struct app_egress_counters app_egress_count(const struct app_egress *egress);
void app_egress_free(struct app_egress *egress);
