// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The commands of `capakit kit` that have files of their own. */
#include "certs/key.h"
#include "controller/cli/cli.h"

/* `[KIT] [--json]`, of the commands that show something of a Kit. */
struct kit_argument {
	const char *kit; // NULL: the current folder
	bool json;
};

extern const struct argp_option kit_argument_options[];
error_t kit_argument_parse(int key, char *arg, struct argp_state *state);

/* An Ed25519 public key from a file, as `kit sign --new-key` makes it. */
must_check bool kit_read_public_key(const char *path, uint8_t key[KEY_PUBLIC_SIZE],
				    struct err *err);

cli_fn kit_init, kit_inspect, kit_sign, kit_verify;
