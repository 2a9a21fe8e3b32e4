// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What somebody tries who runs code in one of our processes. */
#include <stdbool.h>
#include <stddef.h>

struct takeover_act {
	const char *name;
	bool deadly;	       // where there is a list of calls, this one ends the process
	bool of_controller;    // what it has to be refused as well
	long (*act)(int with); // a process id or a number for names; negative with errno: refused
};
extern const struct takeover_act takeover_acts[];
extern const size_t takeover_n_acts;

/* NULL: there is none. */
const struct takeover_act *takeover_find(const char *name, size_t len);

/* The controller's end of the janitor's socket (takeover_janitor.c). */
extern int takeover_janitor;

/* Tries it, and says on standard error how it went. */
void takeover_try(const char *who, const struct takeover_act *act, int with);
