// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Names that an app run is known by: pure, each made from what it stands for. */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define RUN_ID_HEX 17 // 8 random bytes in hexadecimal, and a NUL

/* A new id of an app run or of a start, from getrandom(2). */
must_check bool name_random_id(char id[RUN_ID_HEX], struct err *err);

/*
 * The loopback address of an app of this name, 127.x.y.z: the same each time, never 127.0.0.*.
 * Cookies know no ports, so apps must not share an address (kit-contract.md, section 4).
 */
void name_address(const char *app, char address[16]);

/* The trust domain of an app run, "<app>-<run>.capakit"; the caller frees. */
char *name_trust_domain(const char *app, const char *run_id);

/*
 * SPIFFE IDs: of a workload, and of the edge. `kit` is the chain of dependencies that leads to the
 * workload's Kit, with colons between them, and empty for the Kit that was started.
 */
char *name_identity(const char *trust_domain, const char *kit, const char *workload);
char *name_edge_identity(const char *trust_domain);
char *name_tester_identity(const char *trust_domain); // of who calls for `capakit test`

/* CAPAKIT_MOUNT_<KEY>: upper case, `-` as `_`. */
char *name_mount_variable(const char *mount_key);
