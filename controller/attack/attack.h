// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * capakit-attack NAME [ARGUMENT...]: one attack on the sandbox that it runs in, or none where it
 * runs in none. `capakit doctor --attack` runs those of data/attacks inside sandboxes made as for a
 * workload; the attack suite runs the same ones with layers left out, where they succeed.
 *
 * An attack has one aim and says in one line whether it was reached: `SUCCEEDED WHAT` and status
 * 1, or `HELD WHAT: ERROR` and 0. Where the machine lacks what would be attacked: `IMPOSSIBLE WHY`
 * and 3. Status 2: it was not tried.
 */
#include <stdbool.h>
#include <stddef.h>

enum attack_status {
	ATTACK_HELD = 0,
	ATTACK_SUCCEEDED = 1,
	ATTACK_NOT_TRIED = 2,
	ATTACK_IMPOSSIBLE = 3,
};

struct attack {
	const char *name;
	int n_args;			   // at least
	int (*run)(int argc, char **argv); // argv[0] is the first argument after the name
};

extern const struct attack attacks_on_kernel[]; // kernel.c; ended by a NULL name
extern const struct attack attacks_on_host[];	// host.c: what belongs to it, and to its victim
extern const struct attack attacks_on_self[];	// self.c: what a process has, or may use up

/* Runs the attack with this name; ATTACK_NOT_TRIED when there is none, or arguments are missing. */
int attack_run(const char *name, int argc, char **argv);

/*
 * Who is attacked, outside of every sandbox: USER FOLDER PASS [SOCKET...] (victim.c). Returns when
 * standard input ends.
 */
int attack_victim(int argc, char **argv);

/* ---- for attacks ---- */

int outcome(const char *what, long result); // negative: not reached, errno says why
int impossible(const char *why);

#define ATTACK_SECRET "the secret of the host" // what the victim keeps, in memory and in files

/* Whether the secret is in what can be read from `fd`: 0, or -1 and errno. */
int find_secret(int fd);
