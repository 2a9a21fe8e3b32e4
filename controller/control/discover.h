// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Finds the apps of this user that run: each has a folder in the runtime folder, and answers on
 * its control.sock. What a killed controller left behind is passed over; a folder that belongs
 * to somebody else is never entered.
 */
#include <stddef.h>

#include "controller/control/control_client.h"

struct running_app {
	int folder;		// open
	control_status *status; // NULL: it does not answer, `err` says why
	struct err err;
};

struct running_apps {
	struct running_app *apps; // by name
	size_t count;
};

/* All that run; false only when the runtime folder itself cannot be read. */
must_check bool discover_apps(struct running_apps *apps, struct err *err);
void running_apps_free(struct running_apps *apps);

/* One by its name: its folder, or -1 with ERR_NO_APP and the nearest name that runs. */
int discover_app(const char *name, struct err *err);
