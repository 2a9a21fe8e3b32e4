// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Which app a command means, by its name, by the current folder, or because there is only one. */
#include "controller/control/discover.h"

/*
 * A running app. Without a name: the one whose Kit is the current folder or above it, else the
 * only one that runs. ERR_NO_APP when there is none, ERR_USAGE when it could be several. The
 * caller frees with running_app_close.
 */
must_check bool apps_choose_running(const char *name, struct running_app *app, struct err *err);
void running_app_close(struct running_app *app);

/*
 * The log folder of an app, running or not, open; -1 with ERR_NO_APP. Without a name as
 * apps_choose_running, then the one whose Kit is the current folder. `*chosen` is its name, for
 * the caller to free.
 */
int apps_open_logs(const char *name, char **chosen, struct err *err);

/* Pure: is the path `inner` the folder `outer` or below it? */
bool apps_path_is_within(const char *inner, const char *outer);
