// SPDX-License-Identifier: GPL-3.0-or-later
// The controller's filter is inherited by every sandbox: it may refuse only what all profiles do.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "confine/calls.h"
#include "controller/sandbox/filter_rules.h"
#include "controller/sandbox/profile.h"

static bool refuses(const struct filter_profile *profile, const char *name)
{
	for (size_t i = 0; profile->lists[i]; i++)
		for (const struct filter_group *group = profile->lists[i]; group->names; group++)
			for (size_t j = 0; group->error && group->names[j]; j++)
				if (str_eq(group->names[j], name))
					return true;
	return false;
}

static void denied_is_what_every_profile_refuses(void **unused)
{
	for (size_t i = 0; i < filter_n_profiles; i++)
		for (const char *const *name = confine_calls_denied; *name; name++)
			if (!refuses(&filter_profiles[i], *name))
				fail_msg("profile %s does not refuse %s", filter_profiles[i].name,
					 *name);
}

static void debuggers_work_where_they_should(void **unused)
{
	for (size_t i = 0; i < filter_n_profiles; i++)
		for (const char *const *name = confine_calls_denied_processes; *name; name++)
			if (refuses(&filter_profiles[i], *name) ==
			    profile_is_weaker(filter_profiles[i].name))
				fail_msg("profile %s and %s", filter_profiles[i].name, *name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(denied_is_what_every_profile_refuses),
		cmocka_unit_test(debuggers_work_where_they_should),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
