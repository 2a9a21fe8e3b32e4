// SPDX-License-Identifier: GPL-3.0-or-later
/* The tester's confinement; see confine.h. Limits and Landlock are what needs no privilege. */
#include "controller/tester/confine.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/fd.h"
#include "base/landlock.h"
#include "base/mem.h"

enum { DESCRIPTORS = 32 };

static bool limit(struct err *err)
{
	static const struct {
		__rlimit_resource_t resource;
		rlim_t most;
	} LIMITS[] = {{RLIMIT_CORE, 0}, {RLIMIT_FSIZE, 0}, {RLIMIT_NOFILE, DESCRIPTORS}};

	for (size_t i = 0; i < array_len(LIMITS); i++) {
		const struct rlimit value = {LIMITS[i].most, LIMITS[i].most};
		if (setrlimit(LIMITS[i].resource, &value) < 0)
			return err_sys(err, errno, "cannot set a limit of the tester");
	}
	return true;
}

bool confine_tester(bool dials, struct err *err)
{
	struct landlock_handled handled = {
		.fs = LANDLOCK_ALL_FILES,
		.net = LANDLOCK_BIND_TCP | (dials ? 0 : LANDLOCK_CONNECT_TCP),
		.scoped = LANDLOCK_ABSTRACT_UNIX | LANDLOCK_SIGNAL,
	};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, errno, "cannot give up privileges");
	auto_fd int rules = landlock_open(&handled, err);

	return rules >= 0 && landlock_apply(rules, err) && limit(err);
}
