// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Fault drills: what a test case wants to go wrong is told to the sidecars of all workloads, each
 * time the whole of it, so that a sidecar that was restarted meanwhile knows it too. They answer
 * when it is in force; a case begins, and the next one, only then.
 */
#include "base/log.h"
#include "base/mem.h"
#include "controller/app/app.h"
#include "controller/app/sidecar_commands.h"

/* The faults of this sidecar's workload as a caller, one for each link to a peer that fails. */
static size_t find_faults(const struct app *app, const struct plan_workload *caller,
			  struct sidecar_fault *found)
{
	size_t count = 0;
	for (size_t f = 0; f < app->n_faults; f++) {
		const char *last = NULL;
		for (size_t i = 0; i < caller->n_connections; i++) {
			const struct plan_connection *connection = &caller->connections[i];
			const char *link = app->plan->links[connection->link].name;
			if (!str_eq(connection->workload, app->faults[f].peer) || link == last)
				continue;
			found[count++] = (struct sidecar_fault){&app->faults[f], link};
			last = link;
		}
	}
	return count;
}

static bool takes_faults(const struct app_sidecar *sidecar)
{
	return sidecar->app->tests && sidecar->plan && sidecar->plan->manifest;
}

bool app_faults_send(struct app_sidecar *sidecar, struct err *err)
{
	const struct app *app = sidecar->app;
	if (!takes_faults(sidecar) || !sidecar->process.pid)
		return true;
	const struct plan_workload *plan = sidecar->plan;
	auto_free struct sidecar_fault *faults =
		xcalloc(app->n_faults * plan->n_connections + 1, sizeof(*faults));
	/* A peer is what the Kit that is tested calls so. */
	size_t count = plan->kit == &app->plan_kits[0] ? find_faults(app, plan, faults) : 0;
	return sidecar_set_faults(sidecar, app->faults_serial, faults, count, err);
}

void app_faults_set(struct app *app, const struct manifest_fault *faults, size_t count)
{
	app->faults = faults;
	app->n_faults = count;
	app->faults_serial++;
	for (size_t i = 0; i < app->plan->n_workloads; i++) {
		struct err err;
		if (!app_faults_send(&app->workloads[i].sidecar, &err))
			app_fail(app, NULL, NULL, &err);
	}
}

bool app_faults_in_force(const struct app *app)
{
	for (size_t i = 0; i < app->plan->n_workloads; i++)
		if (app->workloads[i].sidecar.faults != app->faults_serial)
			return false;
	return true;
}

void app_faults_reached(struct app *app, const char *link)
{
	for (size_t i = 0; i < app->plan->n_links; i++) {
		const struct plan_link *plan = app->links[i].plan;
		if (!app->tests || !str_eq(plan->name, link))
			continue;
		struct app_sidecar *callee = app_sidecar_of(app, plan->callee);
		log_info("a test kills the sidecar of %s", plan->callee_name);
		callee->drilled = true;
		sidecar_kill(&callee->process);
	}
}
