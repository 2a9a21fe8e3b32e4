// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The profiles that a person can start an app with, as one table. A Kit has no say in it: there is
 * no key for it in a manifest, and no variable.
 */
#include <stdbool.h>
#include <stddef.h>

#define PROFILE_DEFAULT "standard"

struct profile {
	const char *name;
	const char *meaning;	      // one line for people
	bool weaker;		      // than the default: everything that shows it says so
	bool processes_only;	      // /proc without the machine's files
	bool shared_memory;	      // a /dev/shm
	bool started_folder_writable; // the workload's own folder, once it is started
	const char *home;
};

extern const struct profile profiles[];
extern const size_t n_profiles;

/* NULL: there is none of that name. */
const struct profile *profile_find(const char *name);

/* Whether whoever shows this name has to say that it is weaker; of an unknown one too. */
bool profile_is_weaker(const char *name);
