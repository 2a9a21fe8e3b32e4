// SPDX-License-Identifier: GPL-3.0-or-later
/* The options that say which Kit and how, and what was given with them; see kit_options.h. */
#include "controller/cli/kit_options.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "controller/cli/cli.h"
#include "controller/sandbox/profile.h"

enum { KEY_NAME = 0x200, KEY_OPTION, KEY_MOUNT, KEY_MAX_DISK, KEY_PROFILE, KEY_HOST_SERVICE };

static const struct argp_option options[] = {
	{"name", KEY_NAME, "NAME", 0, "Name of the app (default: the Kit's)", 0},
	{"option", KEY_OPTION, "KEY=VALUE", 0, "Set an option of the Kit", 0},
	{"max-disk", KEY_MAX_DISK, "SIZE", 0,
	 "What a workload may write to its own folder (default: 16GiB)", 0},
	{"mount", KEY_MOUNT, "KEY=PATH", 0, "Bind a folder of this machine", 0},
	{"profile", KEY_PROFILE, "PROFILE", 0,
	 "What confines the sandboxes: standard (default), strict, or minimal (WEAKER, for "
	 "debugging)",
	 0},
	{"allow-host-service", KEY_HOST_SERVICE, "NAME=ADDRESS:PORT", 0,
	 "Let phases reach a service of this machine or its network, as NAME.host.capakit.internal",
	 0},
	{0},
};

static void add_value(struct argp_state *state, const char *what, char *arg,
		      struct plan_value **list, size_t *count)
{
	char *equals = strchr(arg, '=');
	if (!equals || equals == arg)
		argp_error(state, "--%s %s: write it as KEY=%s", what, arg,
			   str_eq(what, "mount") ? "PATH" : "VALUE");
	auto_free char *key = xstrndup(arg, (size_t)(equals - arg));
	plan_value_add(list, count, key, equals + 1);
}

static void add_host_service(struct argp_state *state, const char *arg, struct app_options *app)
{
	struct err err;
	if (app->n_host_services == HOST_SERVICES_MAX)
		argp_error(state, "--allow-host-service: at most %d", HOST_SERVICES_MAX);
	app->host_services = xreallocarray(app->host_services, app->n_host_services + 1,
					   sizeof(*app->host_services));
	struct host_service *service = &app->host_services[app->n_host_services++];
	if (!host_service_parse(arg, service, &err))
		argp_error(state, "%s", err.text);
	for (size_t i = 0; i + 1 < app->n_host_services; i++)
		if (str_eq(app->host_services[i].name, service->name))
			argp_error(state, "--allow-host-service %s: the name is there twice", arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct app_options *app = state->input;
	switch (key) {
	case KEY_NAME:
		app->name = arg;
		return 0;
	case KEY_OPTION:
		add_value(state, "option", arg, &app->options, &app->n_options);
		return 0;
	case KEY_MAX_DISK:
		if (!num_parse_size(arg, &app->max_disk) || app->max_disk == 0)
			argp_error(state, "--max-disk %s: write a size such as 512MiB or 20GiB",
				   arg);
		return 0;
	case KEY_MOUNT:
		add_value(state, "mount", arg, &app->mounts, &app->n_mounts);
		return 0;
	case KEY_PROFILE:
		if (!profile_find(arg))
			argp_error(state, "--profile %s: there are standard, strict and minimal",
				   arg);
		app->profile = arg;
		return 0;
	case KEY_HOST_SERVICE:
		add_host_service(state, arg, app);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp kit_options = {options, parse, NULL, NULL, NULL, NULL, NULL};

static error_t parse_choice(int key, char *arg, struct argp_state *state)
{
	if (key != 'k')
		return ARGP_ERR_UNKNOWN;
	cli_take_only(state, "KIT", arg, state->input);
	return 0;
}

static const struct argp_option choice[] = {
	{"kit", 'k', "KIT", 0, "The Kit (default: the current folder)", 0},
	{0},
};
const struct argp kit_choice = {choice, parse_choice, NULL, NULL, NULL, NULL, NULL};

void kit_options_free(struct app_options *app)
{
	plan_values_free(app->options, app->n_options);
	plan_values_free(app->mounts, app->n_mounts);
	for (size_t i = 0; i < app->n_host_services; i++)
		host_service_free(&app->host_services[i]);
	free(app->host_services);
	free(app->allow_uids);
}
