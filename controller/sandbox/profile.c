// SPDX-License-Identifier: GPL-3.0-or-later
/* What the profiles differ in. Their lists of system calls are in filter_rules.c, by their names.
 */
#include "controller/sandbox/profile.h"

#include "base/mem.h"

const struct profile profiles[] = {
	{
		.name = PROFILE_DEFAULT,
		.meaning = "what Bun, Node and common tools need",
		.shared_memory = true,
		.started_folder_writable = true,
		.home = "/home/workload",
	},
	{
		.name = "strict",
		.meaning = "only its own processes in /proc, nothing writable but /tmp and what "
			   "is declared, fewer system calls",
		.processes_only = true,
		.home = "/tmp/home",
	},
	{
		.name = "minimal",
		.meaning = "WEAKER, for debugging: any system call that is not refused by name, "
			   "so that debuggers work",
		.weaker = true,
		.shared_memory = true,
		.started_folder_writable = true,
		.home = "/home/workload",
	},
};
const size_t n_profiles = array_len(profiles);

const struct profile *profile_find(const char *name)
{
	for (size_t i = 0; i < n_profiles; i++)
		if (str_eq(profiles[i].name, name))
			return &profiles[i];
	return NULL;
}

bool profile_is_weaker(const char *name)
{
	const struct profile *profile = profile_find(name);

	return !profile || profile->weaker;
}
