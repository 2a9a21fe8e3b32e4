// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Landlock for a role: every right that this kernel knows is handled and none is granted, so no
 * file can be opened, made or run, no TCP port bound (nor dialled, but by egress), no abstract Unix
 * socket of others reached and no process outside signalled.
 */
#include "sidecar/confine_landlock.h"

#include "base/fd.h"
#include "base/landlock.h"

bool confine_landlock(const struct confine_role *role, struct err *err)
{
	bool dials = role->calls & CONFINE_INET_STREAM;
	struct landlock_handled handled = {
		.fs = LANDLOCK_ALL_FILES,
		.net = LANDLOCK_BIND_TCP | (dials ? 0 : LANDLOCK_CONNECT_TCP),
		.scoped = LANDLOCK_ABSTRACT_UNIX | LANDLOCK_SIGNAL,
	};
	auto_fd int rules = landlock_open(&handled, err);

	return rules >= 0 && landlock_apply(rules, err);
}
