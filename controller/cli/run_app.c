// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The keeper is forked first of all, before any Kit is read (architecture.md, section 3); right
 * after it the controller gives up what it never needs.
 */
#include "controller/cli/run_app.h"

#include "base/mem.h"
#include "base/path.h"
#include "confine/restrict.h"
#include "controller/app/floor.h"
#include "controller/sandbox/profile.h"

bool run_app_begin(const struct app_options *options, struct app_keeper *keeper, struct loop **loop,
		   struct err *err)
{
	if (!floor_check(err))
		return false;
	bool debugging = options->profile && profile_is_weaker(options->profile);
	auto_free char *data = path_data_dir(err);
	auto_free char *state = path_state_dir(err);
	keeper->pid = data && state ? keeper_spawn(data, state, &keeper->channel, err) : -1;
	*loop = keeper->pid > 0 && confine_restrict_controller(debugging, err) ? loop_new(err)
									       : NULL;
	return *loop != NULL;
}
