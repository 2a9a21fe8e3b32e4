// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * `capakit logs`: reads the log files of an app, running or not, and shows them merged by time.
 * Following ends when the app does.
 */
#include "controller/cli/cli.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "controller/cli/apps.h"
#include "controller/cli/term.h"
#include "controller/logs/log_render.h"
#include "controller/logs/log_view.h"

enum {
	LINE_MAX_SHOWN = 16 * 1024 * 1024, // one line, escaped
	BATCH = 64 * 1024,		   // shown text is written in pieces of about this size
	LAST_MAX = 100000,
	LOOK_AGAIN_MS = 1000, // in case the folder could not be watched
};

struct logs_args {
	const char *name, *workload, *phase;
	bool follow, json;
	uint64_t last; // lines to begin with; 0: all
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct logs_args *args = state->input;

	switch (key) {
	case 'f':
		args->follow = true;
		return 0;
	case 'j':
		args->json = true;
		return 0;
	case 'p':
		args->phase = value;
		return 0;
	case 'n':
		if (!num_parse_u64(value, strlen(value), LAST_MAX, &args->last) || args->last == 0)
			argp_error(state, "--tail %s: give a number from 1 to %d", value, LAST_MAX);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_error(state, "at most NAME and WORKLOAD can be given");
		*(state->arg_num == 0 ? &args->name : &args->workload) = value;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option OPTIONS[] = {
	{"follow", 'f', NULL, 0, "Go on until the app ends", 0},
	{"phase", 'p', "PHASE", 0, "Only what was said in this phase: prepare, hydrate or start",
	 0},
	{"tail", 'n', "LINES", 0, "Begin with the last LINES lines", 0},
	{"json", 'j', NULL, 0, "Print each line as a JSON object (docs/cli.md)", 0},
	{0},
};

static const struct argp ARGP = {
	.options = OPTIONS,
	.parser = parse_option,
	.args_doc = "[NAME] [WORKLOAD]",
	.doc = "Shows what the workloads of an app wrote, and what capakit itself has to say "
	       "(WORKLOAD @capakit). Without NAME: the app of the current folder, else the only "
	       "one.",
};

/* Shown lines, all at once or only the last of them. */
struct shown {
	struct log_style style;
	struct buf out;
	char **last; // a ring of `room` lines
	size_t room, count;
};

static void keep_last(struct shown *shown)
{
	char **place = &shown->last[shown->count++ % shown->room];

	free(*place);
	*place = buf_take_str(&shown->out);
}

static void show_last(struct shown *shown)
{
	size_t kept = shown->count < shown->room ? shown->count : shown->room;

	for (size_t i = shown->count - kept; i < shown->count; i++)
		(void)fputs(shown->last[i % shown->room], stdout);
	for (size_t i = 0; i < shown->room; i++)
		free(shown->last[i]);
	free(take_ptr(&shown->last));
	shown->room = 0;
	(void)fflush(stdout);
}

/* All that there is now. */
static void show_new(struct log_view *view, struct shown *shown)
{
	const struct log_record *record;
	const char *source;

	shown->style.name_width = log_view_name_width(view);
	while ((record = log_view_next(view, &source))) {
		log_render(&shown->out, &shown->style, source, record);
		if (shown->room > 0)
			keep_last(shown);
		else if (buf_len(&shown->out) >= BATCH)
			term_flush(&shown->out, stdout);
	}
	term_flush(&shown->out, stdout);
}

/* Waits for new lines; false when the app has ended. */
static bool wait_more(int watch, int process)
{
	struct pollfd events[] = {{.fd = watch, .events = POLLIN},
				  {.fd = process, .events = POLLIN}};
	char ignored[4096];

	(void)poll(events, array_len(events), LOOK_AGAIN_MS);
	while (watch >= 0 && read(watch, ignored, sizeof(ignored)) > 0)
		;
	return events[1].revents == 0;
}

/* A pidfd of the app's controller, or -1 when it does not run. */
static int open_process(const char *name)
{
	struct err ignored;
	auto_fd int folder = discover_app(name, &ignored);

	return folder < 0 ? -1 : control_open_process(folder, &ignored);
}

static void follow(int folder, const char *name, struct log_view *view, struct shown *shown)
{
	auto_free char *path = xasprintf("/proc/self/fd/%d", folder);
	auto_fd int process = open_process(name);
	auto_fd int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	bool runs = process >= 0;

	if (watch >= 0)
		(void)inotify_add_watch(watch, path, IN_MODIFY | IN_CREATE | IN_MOVED_TO);
	do {
		log_view_rescan(view);
		show_new(view, shown);
		runs = runs && wait_more(watch, process);
	} while (runs);
	show_new(view, shown);
}

static void show_logs(int folder, const char *name, const struct logs_args *args,
		      struct log_view *view)
{
	struct shown shown = {.style.json = args->json, .room = args->last};

	shown.style.colour = !args->json && term_wants_colour(stdout);
	buf_init(&shown.out, LINE_MAX_SHOWN);
	if (shown.room > 0) {
		shown.last = xcalloc(shown.room, sizeof(*shown.last));
		show_new(view, &shown);
		show_last(&shown);
	}
	if (args->follow)
		follow(folder, name, view, &shown);
	else
		show_new(view, &shown);
	buf_free(&shown.out);
}

/* Somebody who gives one word may have meant a workload of the app at hand. */
static void hint_workload(const char *word, struct err *err)
{
	auto_free char *app = NULL;
	struct err ignored;
	auto_fd int folder = apps_open_logs(NULL, &app, &ignored);
	struct log_view *view = folder < 0 ? NULL : log_view_open(folder, word, NULL, &ignored);

	if (view)
		err_set(err, ERR_NO_APP,
			"there are no logs of an app '%s'; for that workload: capakit logs %s %s",
			word, app, word);
	log_view_free(&view);
}

int cmd_logs(int argc, char **argv)
{
	struct logs_args args = {0};
	auto_free char *name = NULL;
	auto_fd int folder = -1;
	struct log_view *view;
	struct err err;

	cli_parse("logs", &ARGP, argc, argv, 0, &args);
	folder = apps_open_logs(args.name, &name, &err);
	if (folder < 0 && args.name && !args.workload && err.code == ERR_NO_APP)
		hint_workload(args.name, &err);
	if (folder < 0)
		return cli_fail(&err);
	view = log_view_open(folder, args.workload, args.phase, &err);
	if (!view) {
		err_prefix(&err, "app '%s'", name);
		return cli_fail(&err);
	}
	show_logs(folder, name, &args, view);
	log_view_free(&view);
	return EXIT_DONE;
}
