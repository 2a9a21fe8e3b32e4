// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The keeper is forked first of all, before any Kit is read (architecture.md, section 3); right
 * after it the controller gives up what it never needs.
 */
#include "controller/cli/app_command.h"

#include <signal.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "confine/restrict.h"
#include "controller/app/floor.h"
#include "controller/cli/confirm.h"
#include "controller/cli/kit_options.h"
#include "controller/sandbox/profile.h"

#define START_TIMEOUT_MS (60 * 1000)
#define STOP_GRACE_MS (10 * 1000)
#define CERTIFICATE_LIFETIME_S 3600

enum { KEY_YES = 0x300, KEY_REMEMBER, KEY_FORGET };

/* ---- options ---- */

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct app_command *command = state->input;
	switch (key) {
	case KEY_YES:
		command->app.yes = true;
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &command->app;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{"yes", KEY_YES, NULL, 0, "Answer yes to whatever would be asked", 0},
	{0},
};
static const struct argp_child children[] = {{&kit_options, 0, NULL, 0}, {0}};
const struct argp app_command_options = {options, parse, NULL, NULL, children, NULL, NULL};

static error_t parse_remember(int key, char *arg, struct argp_state *state)
{
	struct app_command *command = state->input;
	switch (key) {
	case KEY_REMEMBER:
		command->complete.remember = true;
		return 0;
	case KEY_FORGET:
		command->complete.forget = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option remember_options[] = {
	{"remember", KEY_REMEMBER, NULL, 0,
	 "Remember the options and mounts of this start for the app", 0},
	{"forget", KEY_FORGET, NULL, 0, "Do without what was remembered for the app, for good", 0},
	{0},
};
const struct argp app_command_remember = {
	remember_options, parse_remember, NULL, NULL, NULL, NULL, NULL};

/* ---- what is asked ---- */

bool app_command_complete(void *owner, const struct app *app, struct err *err)
{
	struct app_command *command = owner;
	return complete_options(&command->complete, app, err);
}

static bool on_plan(void *owner, const struct plan *plan, struct err *err)
{
	const struct app_command *command = owner;
	return confirm_plan(plan, command->app.yes, err);
}

static void on_event(void *owner, const struct app_event *event)
{
	const struct app_command *command = owner;
	if (command->progress)
		progress_event(command->progress, event);
}

void app_command_init(struct app_command *command)
{
	command->app.start_timeout_ms = START_TIMEOUT_MS;
	command->app.stop_grace_ms = STOP_GRACE_MS;
	command->app.certificate_lifetime_s = CERTIFICATE_LIFETIME_S;
	command->app.complete = app_command_complete;
	command->app.confirm = on_plan;
	command->app.event = on_event;
	command->app.owner = command;
	command->complete.options = &command->app;
	command->complete.ask = true;
}

/* ---- running ---- */

static bool become_controller(const struct app_options *app, struct app_keeper *keeper,
			      struct err *err)
{
	if (!floor_check(err))
		return false;
	bool debugging = app->profile && profile_is_weaker(app->profile);
	auto_free char *data = path_data_dir(err);
	auto_free char *state = path_state_dir(err);
	keeper->pid = data && state ? keeper_spawn(data, state, &keeper->channel, err) : -1;
	return keeper->pid > 0 && confine_restrict_controller(debugging, err);
}

bool app_command_run(struct app_command *command, enum app_command_show show, struct err *err)
{
	struct app_keeper keeper;
	log_open("controller", LOG_LEVEL_WARN);
	signal(SIGPIPE, SIG_IGN);
	umask(022); // folders and files say their modes; a person's own mask must not change them
	struct loop *loop = become_controller(&command->app, &keeper, err) ? loop_new(err) : NULL;
	if (!loop)
		return false;
	if (show != APP_COMMAND_QUIET)
		command->progress = progress_new(loop, show == APP_COMMAND_JSON ? PROGRESS_JSON
										: PROGRESS_TEXT);
	app_run(&command->app, loop, &keeper, err);
	progress_free(&command->progress);
	loop_free(&loop);
	return err->code == ERR_NONE;
}

void app_command_free(struct app_command *command)
{
	kit_options_free(&command->app);
}
