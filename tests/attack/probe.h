// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * attack-probe NAME ARGUMENT...: one helper, one attack of controller/attack/, or one with many
 * tries, per name. The last says for each of its tries what came of it; its exit status is 0 when
 * all were held in an expected way, 1 when one got through (or failed in a way that shows nothing).
 */
#include "controller/attack/attack.h"

struct probe {
	const char *name;
	int (*run)(int argc, char **argv); // argv[0] is the first argument after the name
};

extern const struct probe probes_of_calls[];  // probe_calls.c: system calls; ended by a NULL name
extern const struct probe probes_of_files[];  // probe_files.c: files, /proc, descriptors
extern const struct probe probes_of_limits[]; // probe_limits.c: using things up
extern const struct probe
	probes_of_starts[]; // probe_start.c: helpers outside, that start a sandbox
extern const struct probe
	probes_of_lacking[]; // probe_lacking.c: helpers outside, on a host that lacks something

/*
 * Reports one try: `result` is what the call returned (negative: errno is its error). It is held
 * when it failed with one of the errors (0-terminated).
 */
bool held(const char *what, long result, const int *errors);

#define ERRORS(...) ((const int[]){__VA_ARGS__, 0})

/* All tries of this process so far: 0 or 1, for returning from run(). */
int verdict(void);

/* Of helpers: says what failed, and why; executes a command. Both return the exit status, 2. */
int probe_fail(const char *what);
int probe_run(char **argv);
