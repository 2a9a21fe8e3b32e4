// SPDX-License-Identifier: GPL-3.0-or-later
/* `capakit status`: what runs, once or each second. */
#include "controller/cli/cli.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "controller/cli/apps.h"
#include "controller/cli/status_view.h"
#include "controller/cli/term.h"

enum { WATCH_S = 1, SCREEN_MAX = 4 * 1024 * 1024 };

struct status_args {
	const char *name;
	bool json, watch;
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct status_args *args = state->input;

	switch (key) {
	case 'j':
		args->json = true;
		return 0;
	case 'w':
		args->watch = true;
		return 0;
	case ARGP_KEY_ARG:
		cli_take_only(state, "NAME", value, &args->name);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option OPTIONS[] = {
	{"json", 'j', NULL, 0, "Print one JSON document (docs/cli.md)", 0},
	{"watch", 'w', NULL, 0, "Show it again each second", 0},
	{0},
};

static const struct argp ARGP = {
	.options = OPTIONS,
	.parser = parse_option,
	.args_doc = "[NAME]",
	.doc = "Shows the apps that run: state, URLs, workloads and routes.",
};

/* All apps, or the one that is named. */
static bool collect(const char *name, struct running_apps *apps, struct err *err)
{
	struct running_app app;

	if (!name)
		return discover_apps(apps, err);
	if (!apps_choose_running(name, &app, err))
		return false;
	apps->apps = xcalloc(1, sizeof(app));
	apps->apps[0] = app;
	apps->count = 1;
	return true;
}

static void show_json(const struct running_apps *apps, bool watch)
{
	json_t *document = json_object();
	json_t *list = json_array();

	for (size_t i = 0; i < apps->count; i++)
		if (apps->apps[i].status)
			(void)json_array_append_new(
				list, status_view_json(apps->apps[i].status->app, clock_wall_ms()));
	(void)json_object_set_new(document, "apps", list);
	(void)json_dumpf(document, stdout,
			 (watch ? JSON_COMPACT : JSON_INDENT(2)) | JSON_ENSURE_ASCII);
	(void)fputs("\n", stdout);
	(void)fflush(stdout);
	json_decref(document);
}

static void show_text(const struct running_apps *apps, bool watch)
{
	bool colour = term_wants_colour(stdout);
	auto_buf struct buf out;

	buf_init(&out, SCREEN_MAX);
	if (watch && isatty(STDOUT_FILENO))
		(void)buf_append_str(&out, "\033[H\033[2J");
	for (size_t i = 0; i < apps->count; i++) {
		if (i > 0)
			(void)buf_append_str(&out, "\n");
		if (apps->apps[i].status)
			status_view_text(&out, colour, apps->apps[i].status->app, clock_wall_ms());
	}
	if (apps->count == 0)
		(void)buf_append_str(&out, "no app runs\n");
	term_flush(&out, stdout);
}

static bool show(const struct status_args *args, struct err *err)
{
	struct running_apps apps = {0};

	if (!collect(args->name, &apps, err))
		return false;
	for (size_t i = 0; i < apps.count; i++)
		if (!apps.apps[i].status)
			cli_warn("an app does not answer: %s", apps.apps[i].err.text);
	if (args->json)
		show_json(&apps, args->watch);
	else
		show_text(&apps, args->watch);
	running_apps_free(&apps);
	return true;
}

int cmd_status(int argc, char **argv)
{
	struct status_args args = {0};
	struct err err;

	cli_parse("status", &ARGP, argc, argv, 0, &args);
	do {
		if (!show(&args, &err))
			return cli_fail(&err);
	} while (args.watch && sleep(WATCH_S) == 0);
	return EXIT_DONE;
}
