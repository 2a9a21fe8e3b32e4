// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What the files of attack-floods share. */
#include "floods_peer.h"

extern int cases_failed;

/* Prints the line of a case: ok when nothing is wrong. */
void say(const char *name, const char *what, const char *wrong);

/* Messages that HTTP/1.1 would read differently, as a caller of b, and as a callee of a. */
void hostile_requests(struct sidecar_pair *pair);
void hostile_responses(struct sidecar_pair *pair);
void hosts_on_a_link(struct sidecar_pair *pair); // every combination of :authority and Host
