// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the commands have in common that run an app themselves (`up`, `run`, `test`, `exec`): its
 * options, what is asked before it starts, and becoming its controller. Whoever embeds a struct
 * app_command as its first member has it as the owner of the callbacks.
 */
#include <argp.h>

#include "controller/app/app.h"
#include "controller/cli/complete.h"
#include "controller/cli/progress.h"

struct app_command {
	struct app_options app;
	struct complete complete;
	struct progress *progress; // while it runs, if it is to be shown
};

/* Each as child of a command's argp, with a struct app_command as its input. */
extern const struct argp app_command_options;  // those of kit_options.h, and --yes
extern const struct argp app_command_remember; // --remember, --forget

/* The defaults: `up` waits so long, and asks whatever the Kit and the plan make necessary. */
void app_command_init(struct app_command *command);

/* The callback of app_options, for who does more in it. */
bool app_command_complete(void *owner, const struct app *app, struct err *err);

enum app_command_show { APP_COMMAND_QUIET, APP_COMMAND_TEXT, APP_COMMAND_JSON };

/* From the keeper to the last removed folder. False: the error that ended it. */
must_check bool app_command_run(struct app_command *command, enum app_command_show show,
				struct err *err);

/* Once the app needs no answers any more; the lists of its options go. */
void app_command_free(struct app_command *command);
