// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The system calls of each profile, as tables. They are compiled into filter programs when capakit
 * is built (filter_gen.c), and printed by `capakit policy show`.
 */
#include <stddef.h>
#include <stdint.h>

enum filter_network { FILTER_ALWAYS, FILTER_NET_NONE, FILTER_NET_INET };

/* Calls with one verdict for one reason, for any arguments but those that filter_conditions names.
 */
struct filter_group {
	int error; // 0: allowed
	const char *why;
	const char *const *names; // NULL-terminated; NULL: the end of the list of groups
};

/*
 * The calls of one profile. Known ones that nothing needs, or that are too much of the kernel, get
 * EPERM. What is in no group gets `others`: ENOSYS, as from a kernel that is older than the call,
 * so that programs fall back; 0 where whatever is not refused is allowed.
 */
struct filter_profile {
	const char *name; // of the profile (profile.h)
	int others;
	const struct filter_group *lists[4]; // NULL-terminated
};
extern const struct filter_profile filter_profiles[];
extern const size_t filter_n_profiles;

/* NULL: there is none of that name. */
const struct filter_profile *filter_profile_find(const char *name);

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
	const char *why;
};
extern const struct filter_condition filter_conditions[];
extern const size_t filter_n_conditions;
