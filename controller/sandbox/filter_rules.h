// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The system calls of the profile `standard`, as tables. A call that is in none of them gets
 * ENOSYS, as from a kernel that is older than it, so that programs fall back. The tables are
 * compiled into filter programs when capakit is built (filter_gen.c).
 */
#include <stddef.h>
#include <stdint.h>

enum filter_network { FILTER_ALWAYS, FILTER_NET_NONE, FILTER_NET_INET };

/* Allowed for any arguments, but for what filter_conditions says. NULL-terminated, as the next. */
extern const char *const filter_allowed[];

/* All that the launcher needs to wait, to pass signals on and to end. NULL-terminated. */
extern const char *const filter_launcher[];

/* Known and refused with EPERM: nothing that a workload needs, or too much of the kernel. */
extern const char *const filter_refused[];

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
