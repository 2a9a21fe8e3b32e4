// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What `up --json` prints besides the events of progress.h; docs/cli.md says the form. */
#include "controller/app/app.h"

void up_json_running(const struct app *app); // on standard output

/* On standard error, as the last event. */
void up_json_error(const struct err *err, int exit_status);
