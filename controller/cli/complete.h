// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What a Kit asks for and a person did not give with flags: taken from what was remembered for the
 * app, else asked for on the terminal, else an error that says which flags to give.
 */
#include "controller/app/app.h"

struct complete {
	struct app_options *options; // added to
	bool ask;		     // else only what was remembered is taken
	bool once;		     // the app never comes again: nothing is remembered
	bool remember;		     // --remember, or said so when asked
	bool forget;		     // --forget
};

must_check bool complete_options(struct complete *complete, const struct app *app, struct err *err);

/* For commands that show what `up` would run: `owner` is the app_options, and nothing is asked. */
must_check bool complete_from_memory(void *owner, const struct app *app, struct err *err);

/* Remembers what the app was given, when that was wanted. */
must_check bool complete_remember(const struct complete *complete, const struct plan *plan,
				  struct err *err);
