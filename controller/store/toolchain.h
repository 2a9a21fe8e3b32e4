// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The toolchain of workloads: Bun, as deploy/setup put it, or as the host has it. Looked up in the
 * data folder (toolchains/bun/current), in <prefix>/lib/capakit/toolchains, and on PATH.
 */
#include <stdint.h>

#include "base/err.h"

struct toolchain {
	char *bun;	// real path of the program
	char *id;	// changes when the program does: part of what a prepared layer depends on
	char *registry; // URL of the package registry that it came from, or NULL when not recorded
};

must_check bool toolchain_find(struct toolchain *toolchain, struct err *err);
void toolchain_free(struct toolchain *toolchain);

/*
 * The package registry that this host is configured with, exempt from the address rules of egress
 * (architecture.md, section 4): NPM_CONFIG_REGISTRY or BUN_CONFIG_REGISTRY, `registry=` in
 * ~/.npmrc, else the one that the toolchain came from.
 */
struct registry {
	char *url;
	char *host;
	uint16_t port;
};

must_check bool registry_find(const struct toolchain *toolchain, struct registry *registry,
			      struct err *err);
must_check bool registry_parse(const char *url, struct registry *registry, struct err *err);
void registry_free(struct registry *registry);
