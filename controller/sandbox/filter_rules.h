// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The system calls of each profile, as tables. They are compiled into filter programs when capakit
 * is built (filter_gen.c), and printed by `capakit policy show`.
 */
#include <stddef.h>
#include <stdint.h>

enum filter_network { FILTER_ALWAYS, FILTER_NET_NONE, FILTER_NET_INET };

/* The calls of one profile; all lists are NULL-terminated. */
struct filter_profile {
	const char *name; // of the profile (profile.h)

	/* Allowed for any arguments, but for what filter_conditions says; what is in no list gets
	 * ENOSYS, as from a kernel that is older than it, so that programs fall back. NULL:
	 * whatever is not refused is allowed. */
	const char *const *allowed;

	/* Known and refused with EPERM: nothing that a workload needs, or too much of the kernel;
	 * and other processes (NULL: those are allowed). */
	const char *const *refused;
	const char *const *refused_processes;

	/* Refused with ENOSYS, since their arguments cannot be looked at; NULL: not allowed anyway
	 */
	const char *const *unseen;
};
extern const struct filter_profile filter_profiles[];
extern const size_t filter_n_profiles;

/* All that the launcher needs to wait, to pass signals on and to end. NULL-terminated. */
extern const char *const filter_launcher[];

/*
 * Refused with `error` for certain arguments, those for which all comparisons of the rule hold;
 * with error 0 allowed for these and no others.
 */
struct filter_comparison {
	unsigned argument;
	enum { FILTER_UNUSED, FILTER_MASKED, FILTER_NOT, FILTER_ABOVE } how;
	uint64_t mask; // FILTER_MASKED: these bits are `value`
	uint64_t value;
};
struct filter_condition {
	const char *call;
	int error;
	enum filter_network when;
	struct filter_comparison comparisons[2];
};
extern const struct filter_condition filter_conditions[];
extern const size_t filter_n_conditions;
