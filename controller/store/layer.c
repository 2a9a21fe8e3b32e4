// SPDX-License-Identifier: GPL-3.0-or-later
/* Everything that a phase can see goes into the key; the architecture is that of this machine. */
#include "controller/store/layer.h"

#include <sys/utsname.h>

static void add_list(struct sha256 *hash, char *const *list)
{
	for (; list && *list; list++)
		sha256_add_field(hash, *list);
	sha256_add_field(hash, NULL);
}

void layer_key(const struct layer_inputs *inputs, char key[SHA256_HEX])
{
	struct utsname host = {0};
	uname(&host);
	struct sha256 *hash = sha256_new();
	sha256_add_field(hash, "capakit layer 2");
	sha256_add_field(hash, host.machine);
	sha256_add_field(hash, inputs->kit_identity);
	sha256_add_field(hash, inputs->snapshot);
	sha256_add_field(hash, inputs->workload);
	sha256_add_field(hash, inputs->phase);
	sha256_add_field(hash, inputs->below);
	sha256_add_field(hash, inputs->toolchain);
	sha256_add_field(hash, inputs->network);
	sha256_add_field(hash, inputs->profile);
	add_list(hash, inputs->argv);
	add_list(hash, inputs->env);
	add_list(hash, inputs->mounts);
	sha256_finish_hex(&hash, key);
}
