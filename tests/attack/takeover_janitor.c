// SPDX-License-Identifier: GPL-3.0-or-later
/* Linked into the copy of capakit: keeps the socket on which its janitor can be told something. */
#include "controller/app/janitor.h"
#include "tests/attack/takeover_acts.h"

bool __real_janitor_start(struct janitor *janitor, const struct janitor_work *work,
			  struct err *err);
bool __wrap_janitor_start(struct janitor *janitor, const struct janitor_work *work,
			  struct err *err);
bool __wrap_janitor_start(struct janitor *janitor, const struct janitor_work *work, struct err *err)
{
	bool ok = __real_janitor_start(janitor, work, err);
	takeover_janitor = janitor->alive;
	return ok;
}
