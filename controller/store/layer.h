// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A layer is what a `prepare` wrote over a workload's folder, kept in the state folder under a
 * digest of everything that went in: layers/<key>/. It is made in staging/<run>/ and published by
 * rename, so interrupted work never counts as done; then it is only ever mounted read-only.
 */
#include "base/err.h"
#include "base/sha256.h"

struct layer_inputs {
	const char *kit_identity;
	const char *snapshot; // digest of the Kit
	const char *workload;
	const char *toolchain; // struct toolchain's id
	const char *network;   // the phase's network policy, as text
	const char *profile;   // of its sandbox: what a weaker one made is used by no other
	char *const *argv;     // NULL-terminated
	char *const *env;      // NULL-terminated, NAME=VALUE
};

/* Pure. */
void layer_key(const struct layer_inputs *inputs, char key[SHA256_HEX]);

bool layer_exists(int state, const char *key);

/* Publishes the folder `tree` of the open folder `staging` as layers/<key>, after writing it out.
 */
must_check bool layer_publish(int state, int staging, const char *tree, const char *key,
			      struct err *err);
