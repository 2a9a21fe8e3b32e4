// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A layer is what a `prepare` or a `hydrate` wrote over a workload's folder, kept in the store
 * (store.h) under a digest of everything that went in. Pure.
 */
#include "base/sha256.h"

struct layer_inputs {
	const char *kit_identity;
	const char *snapshot; // digest of the Kit
	const char *workload;
	const char *phase;     // "prepare"
	const char *below;     // key of the layer that it was made over; NULL: none
	const char *toolchain; // struct toolchain's id
	const char *network;   // the phase's network policy, as text
	const char *profile;   // of its sandbox: what a weaker one made is used by no other
	char *const *argv;     // NULL-terminated
	char *const *env;      // NULL-terminated, NAME=VALUE; options reach a phase this way
	char *const *mounts;   // NULL-terminated, KEY=PATH and the access
};

void layer_key(const struct layer_inputs *inputs, char key[SHA256_HEX]);
