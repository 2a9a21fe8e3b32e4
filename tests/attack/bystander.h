// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Who watches while sidecars are attacked: somebody else, in a process of its own, who asks for a
 * few bytes again and again; and what the victim uses.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sidecar_pair.h"

enum bystander_way {
	BYSTANDER_CALLS,
	BYSTANDER_AT_EDGE
}; // over the socket of a, or as a client of the edge

struct bystander_saw {
	unsigned answered, refused, failed; // refused: 503
	int64_t worst_us;
};

struct bystander {
	pid_t pid;
	int stop, report;
};

int64_t bystander_now_us(void); // monotonic

/* Asks once. */
bool bystander_ask(const struct sidecar_pair *pair, enum bystander_way way);

void bystander_start(struct bystander *bystander, const struct sidecar_pair *pair,
		     enum bystander_way way);
struct bystander_saw bystander_end(struct bystander *bystander);

long bystander_cpu_ms(pid_t pid);
