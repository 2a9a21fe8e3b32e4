// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What `up` and `test` begin with to become the controller of an app, for app_run. */
#include "controller/app/app.h"

/* Starts a keeper, confines this process, and makes the loop, which the caller frees. */
must_check bool run_app_begin(const struct app_options *options, struct app_keeper *keeper,
			      struct loop **loop, struct err *err);
