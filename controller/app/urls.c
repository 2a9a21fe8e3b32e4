// SPDX-License-Identifier: GPL-3.0-or-later
/* The block of lines that `up` ends its start with; scripts read it, so its form is fixed. */
#include "controller/app/urls.h"

#include <stdio.h>

#include "base/mem.h"
#include "controller/sandbox/profile.h"

char *app_url(const struct app *app, const struct plan_expose *expose)
{
	return xasprintf("http://%s:%u%s", app->address, app->port, expose->route->public_path);
}

/* A disk limit is watched everywhere; what this machine could do better is said. */
static void print_weaker(const struct app *app)
{
	const struct plan_limit *memory = &app->plan->workloads[0].resources.limits[PLAN_MEMORY];
	if (memory->weaker)
		fprintf(stderr, "[!] the memory limit is weaker here (%s): %s; %s\n",
			memory->weaker, app->cgroups.why_not, app->cgroups.fix);
}

void app_print_urls(const struct app *app, bool attached)
{
	print_weaker(app);
	printf("[✓] App [%s] is running\n", app->name);
	printf("[i] runtime: [ephemeral namespace sandboxes on Linux]\n");
	if (profile_is_weaker(app->inputs.profile))
		printf("[!] profile [%s]: WEAKER than %s, for debugging\n", app->inputs.profile,
		       PROFILE_DEFAULT);
	if (app->plan->n_exposes)
		printf("[i] host network endpoints:\n");
	for (size_t i = 0; i < app->plan->n_exposes; i++) {
		const struct plan_expose *expose = &app->plan->exposes[i];
		auto_free char *url = app_url(app, expose);
		printf("protocol=[%s] endpoint=[%s] url=%s\n",
		       manifest_protocol_name(expose->endpoint->protocol),
		       expose->route->public_path, url);
	}
	if (attached)
		printf("press Ctrl-C to stop\n");
	fflush(stdout);
}
