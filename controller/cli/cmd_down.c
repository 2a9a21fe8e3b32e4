// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * `capakit down`: asks the app to stop, and returns when it is really gone: its controller ended
 * and its runtime folder removed.
 */
#include "controller/cli/cli.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/num.h"
#include "controller/cli/apps.h"
#include "controller/control/app_folder.h"

enum {
	GRACE_DEFAULT_MS = 10000,
	GRACE_MAX_MS = 3600 * 1000,
	MARGIN_MS = 20000, // beyond the grace: for what comes after the workloads
	LOOK_MS = 5,
};

struct down_args {
	const char *name;
	uint32_t grace_ms;
};

/* Seconds as a plain number, or a duration with its unit. */
static bool parse_grace(const char *text, uint32_t *grace_ms)
{
	uint64_t ms;

	if (num_parse_u64(text, strlen(text), GRACE_MAX_MS / 1000, &ms))
		ms *= 1000;
	else if (!num_parse_duration(text, &ms) || ms > GRACE_MAX_MS)
		return false;
	*grace_ms = ms > 0 ? (uint32_t)ms : 1; // 0 on the wire means the default
	return true;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
	struct down_args *args = state->input;

	switch (key) {
	case 't':
		if (!parse_grace(value, &args->grace_ms))
			argp_error(state, "--timeout %s: give seconds, or a duration such as 500ms",
				   value);
		return 0;
	case ARGP_KEY_ARG:
		cli_take_only(state, "NAME", value, &args->name);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option OPTIONS[] = {
	{"timeout", 't', "SECONDS", 0,
	 "How long workloads have to end by themselves before they are killed (10)", 0},
	{0},
};

static const struct argp ARGP = {
	.options = OPTIONS,
	.parser = parse_option,
	.args_doc = "[NAME]",
	.doc = "Stops an app: the one named, else the one of the current folder, else the only "
	       "one that runs. Returns when it is gone.",
};

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The folder is held open, so a new app of the same name has another one. */
static bool folder_is_gone(int folder)
{
	struct stat info;

	return fstat(folder, &info) < 0 || info.st_nlink == 0 ||
	       fstatat(folder, CONTROL_SOCKET, &info, AT_SYMLINK_NOFOLLOW) < 0;
}

static bool wait_gone(int folder, int process, int64_t deadline, struct err *err)
{
	struct pollfd ended = {.fd = process, .events = POLLIN};

	while (process >= 0 && poll(&ended, 1, (int)(deadline - now_ms())) != 1)
		if (now_ms() >= deadline)
			return err_set(err, ERR_TIMEOUT,
				       "the app was stopped, but its controller still runs");
	while (!folder_is_gone(folder)) {
		if (now_ms() >= deadline)
			return err_set(err, ERR_TIMEOUT,
				       "the app has ended, but its control socket is still there");
		(void)poll(NULL, 0, LOOK_MS);
	}
	return true;
}

/* An app that goes while it is asked is what was wanted. */
static bool stop(const struct running_app *app, uint32_t grace_ms, struct err *err)
{
	auto_fd int process = control_open_process(app->folder, err);
	unsigned patience = grace_ms + MARGIN_MS;
	int64_t deadline = now_ms() + patience;

	if (process < 0 && err->code != ERR_NO_APP)
		return false;
	if (process >= 0 && !control_stop(app->folder, grace_ms, patience, err) &&
	    err->code != ERR_NO_APP && err->code != ERR_CLOSED)
		return false;
	return wait_gone(app->folder, process, deadline, err);
}

int cmd_down(int argc, char **argv)
{
	struct down_args args = {.grace_ms = GRACE_DEFAULT_MS};
	struct running_app app;
	struct err err;
	bool done;

	cli_parse("down", &ARGP, argc, argv, 0, &args);
	if (!apps_choose_running(args.name, &app, &err))
		return cli_fail(&err);
	done = stop(&app, args.grace_ms, &err);
	if (done)
		printf("[✓] App [%s] has stopped\n", app.status->app->name);
	else
		err_prefix(&err, "stopping app '%s'", app.status->app->name);
	running_app_close(&app);
	return done ? EXIT_DONE : cli_fail(&err);
}
