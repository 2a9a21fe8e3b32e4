// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the kernel's texts about cgroups say. Pure: the texts are given. Sources: proc(5) for
 * /proc/self/cgroup and mountinfo, cgroups(7), Documentation/admin-guide/cgroup-v2.rst and
 * cgroup-v1/ of the kernel. What is returned as `char *` the caller frees.
 */
#include <stdbool.h>
#include <stdint.h>

/*
 * The cgroup that /proc/self/cgroup names in the hierarchy with this controller of version 1, or in
 * that of version 2 (`controller` NULL). NULL: there is no such hierarchy.
 */
char *facts_membership(const char *self_cgroup, const char *controller);

/*
 * The folder in which a cgroup of that hierarchy appears, by /proc/self/mountinfo. NULL: it is not
 * mounted, or the cgroup lies outside of what is mounted. *read_only: the mount is.
 */
char *facts_folder(const char *mountinfo, const char *controller, const char *cgroup,
		   bool *read_only);

/* Whether a list in one line, such as cgroup.controllers, has the word. */
bool facts_has_word(const char *list, const char *word);

/* The value of a line "key value", as in memory.events and cpu.stat. */
bool facts_counter(const char *text, const char *key, uint64_t *value);

/* A file that holds one number; "max" is UINT64_MAX. */
bool facts_number(const char *text, uint64_t *value);
