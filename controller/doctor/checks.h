// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What the facts mean: of each thing that capakit needs, whether it is there, and if not, what to
 * do. Pure. No advice ever turns a protection of the machine off.
 */
#include <stddef.h>

#include "controller/doctor/facts.h"

enum check_state {
	CHECK_OK,
	CHECK_WEAK,    // apps run, and something is slower, refused or less protected
	CHECK_MISSING, // no app can run
};

struct check {
	const char *name; // a public interface: docs/cli.md
	enum check_state state;
	char *finding;
	char *fix; // NULL when ok
};

#define CHECKS_MAX 20

struct checks {
	struct check list[CHECKS_MAX];
	size_t n;
};

const char *check_state_name(enum check_state state);
void checks_make(const struct facts *facts, struct checks *checks);
bool checks_usable(const struct checks *checks); // none is missing
void checks_free(struct checks *checks);
