// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * attack-probe NAME ARGUMENT...: one attack, or one helper, per name. An attack runs where the
 * attacker is and says for each of its tries what came of it; its exit status is 0 when all were
 * held in an expected way, 1 when one got through (or failed in a way that shows nothing).
 */
#include <stdbool.h>
#include <stddef.h>

struct probe {
	const char *name;
	int (*run)(int argc, char **argv); // argv[0] is the first argument after the name
};

extern const struct probe probes_of_calls[];  // probe_calls.c: system calls; ended by a NULL name
extern const struct probe probes_of_files[];  // probe_files.c: files, /proc, descriptors
extern const struct probe probes_of_limits[]; // probe_limits.c: using things up
extern const struct probe
	probes_of_starts[]; // probe_start.c: helpers outside, that start a sandbox
extern const struct probe probes_of_kernel[]; // probe_kernel.c: with one aim each, at the kernel
extern const struct probe probes_of_host[];   // probe_host.c: with one aim each, at the host
extern const struct probe probes_of_victim[]; // probe_victim.c: who is attacked, outside
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

/*
 * An attack with one aim says in one line whether it was reached: `SUCCEEDED` and status 1, or
 * `HELD` with the error and 0. Where the machine lacks what would be attacked: `IMPOSSIBLE`, 3.
 */
int outcome(const char *what, long result); // negative: not reached, errno says why
int impossible(const char *why);

#define ATTACK_SECRET "the secret of the host" // what the victim keeps, in memory and in files

/* Whether the secret is in what can be read from `fd`: 0, or -1 and errno. */
int find_secret(int fd);

/* Of helpers: says what failed, and why; executes a command. Both return the exit status, 2. */
int probe_fail(const char *what);
int probe_run(char **argv);
