// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A link is one connected pair of stream sockets for one declared (caller, callee), handed to the
 * two sidecars and kept by nobody else. Making it again replaces it: after a crash, when it broke,
 * and at half of a certificate's life.
 */
#include <sys/socket.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "controller/app/app.h"
#include "controller/app/sidecar_commands.h"

#define RELINK_MS 250 // before a broken link is made again

static const char *identity_of(const struct app *app, size_t index)
{
	return index == PLAN_EDGE ? app->plan->edge_identity
				  : plan_caller(app->plan, index)->identity;
}

static bool make_pair(struct app *app, struct app_link *link, struct err *err)
{
	const struct plan_link *plan = link->plan;
	int pair[2];
	if (!fd_socket_pair(SOCK_STREAM, pair, err))
		return false;
	auto_fd int caller = pair[0];
	auto_fd int callee = pair[1];
	link->made++;
	return sidecar_add_link(app_sidecar_of(app, plan->callee), plan, false,
				identity_of(app, plan->caller), callee, err) &&
	       sidecar_add_link(app_sidecar_of(app, plan->caller), plan, true,
				identity_of(app, plan->callee), caller, err);
}

/* A link to a sidecar that is not there is made when it is. */
static bool both_run(struct app *app, const struct plan_link *plan)
{
	return app_sidecar_of(app, plan->caller)->process.pid &&
	       app_sidecar_of(app, plan->callee)->process.pid;
}

static void make(struct app *app, struct app_link *link)
{
	struct err err;
	link->up = false;
	if (!both_run(app, link->plan))
		return;
	if (make_pair(app, link, &err))
		return;
	err_prefix(&err, "cannot make the link %s", link->plan->name);
	app_fail(app, NULL, NULL, &err);
}

void app_links_make(struct app *app)
{
	for (size_t i = 0; i < app->plan->n_links; i++)
		make(app, &app->links[i]);
}

void app_links_make_of(struct app *app, const struct app_sidecar *sidecar)
{
	for (size_t i = 0; i < app->plan->n_links; i++) {
		const struct plan_link *plan = app->links[i].plan;
		if (app_sidecar_of(app, plan->caller) == sidecar ||
		    app_sidecar_of(app, plan->callee) == sidecar)
			make(app, &app->links[i]);
	}
}

/* The caller's word counts: it has seen the callee's first byte. */
void app_links_on_state(struct app *app, const struct app_sidecar *from,
			const Capakit__Sidecar__V1__LinkState *state)
{
	for (size_t i = 0; i < app->plan->n_links; i++) {
		struct app_link *link = &app->links[i];
		if (!str_eq(link->plan->name, state->link) || state->replaced ||
		    app_sidecar_of(app, link->plan->caller) != from)
			continue;
		link->up = state->up;
		if (!state->up && app->state < APP_STOPPING) {
			log_warn("link %s is down: %s", state->link, state->reason);
			if (!loop_timer_active(&app->relink))
				loop_timer_start(&app->relink, RELINK_MS);
		}
		app_check_running(app);
		return;
	}
}

static void on_relink(struct loop_timer *timer)
{
	struct app *app = container_of(timer, struct app, relink);
	for (size_t i = 0; i < app->plan->n_links; i++)
		if (!app->links[i].up)
			make(app, &app->links[i]);
}

static void on_renewal(struct loop_timer *timer)
{
	struct app *app = container_of(timer, struct app, renewal);
	app_links_make(app);
	app_links_watch_renewal(app);
}

bool app_links_up(const struct app *app)
{
	for (size_t i = 0; i < app->plan->n_links; i++)
		if (!app->links[i].up)
			return false;
	return true;
}

void app_links_init(struct app *app)
{
	loop_timer_init(&app->relink, app->loop, on_relink);
	loop_timer_init(&app->renewal, app->loop, on_renewal);
}

void app_links_watch_renewal(struct app *app)
{
	loop_timer_start(&app->renewal, app->options->certificate_lifetime_s * 1000ULL / 2);
}

void app_links_stop(struct app *app)
{
	loop_timer_stop(&app->relink);
	loop_timer_stop(&app->renewal);
}
