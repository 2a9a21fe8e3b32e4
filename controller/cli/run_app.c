// SPDX-License-Identifier: GPL-3.0-or-later
/* The keeper is forked first of all, before any Kit is read (architecture.md, section 3). */
#include "controller/cli/run_app.h"

#include "base/mem.h"
#include "base/path.h"

bool run_app_begin(struct app_keeper *keeper, struct loop **loop, struct err *err)
{
	auto_free char *data = path_data_dir(err);
	auto_free char *state = path_state_dir(err);
	keeper->pid = data && state ? keeper_spawn(data, state, &keeper->channel, err) : -1;
	*loop = keeper->pid > 0 ? loop_new(err) : NULL;
	return *loop != NULL;
}
