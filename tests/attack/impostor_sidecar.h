// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One real capakit-sidecar, of workload `b`, with this process as its controller, its keeper and
 * its workload. Everything blocks; what cannot go on ends the process with a failed case.
 *   endpoints /w and /other, which answer "reached" and the path
 *   connect/c.sock in its view: its connection to workload `c`, over the link "b>c"
 */
#include <stdbool.h>
#include <stddef.h>

#include "certs/authority.h"
#include "certs/identity.h"

#define DOMAIN "t.capakit"
#define URI_A "spiffe://" DOMAIN "/workload/a"
#define URI_B "spiffe://" DOMAIN "/workload/b"
#define URI_C "spiffe://" DOMAIN "/workload/c"
#define URI_D "spiffe://" DOMAIN "/workload/d"

#define PATIENCE_MS 10000

/* Starts `program` in the existing, empty folder `view`, which becomes the current one. */
void sidecar_begin(const char *program, const char *view);

struct authority *sidecar_authority(void); // that of its certificate

/* One end of a new link in either direction: `a` may call /w here, `c` is called from here. */
int sidecar_link_from_a(const char *name);
int sidecar_link_to_c(void);
void sidecar_give_link_from_a(const char *name, int fd); // over a socket that is there already

/* Waits until it says that the link is up (the callee's view) or down. True: it is up. */
bool sidecar_says_up(const char *link, char *reason, size_t size);

unsigned workload_requests(void); // how many have reached the workload so far

_Noreturn void give_up(const char *what);
