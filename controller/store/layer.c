// SPDX-License-Identifier: GPL-3.0-or-later
/* Keys and publishing of prepared layers; what runs to make one is controller/app/prepare.c. */
#include "controller/store/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"

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
	sha256_add_field(hash, inputs->toolchain);
	sha256_add_field(hash, inputs->network);
	sha256_add_field(hash, inputs->profile);
	add_list(hash, inputs->argv);
	add_list(hash, inputs->env);
	sha256_finish_hex(&hash, key);
}

bool layer_exists(int state, const char *key)
{
	auto_free char *name = xasprintf("layers/%s", key);
	return faccessat(state, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool layer_publish(int state, int staging, const char *tree, const char *key, struct err *err)
{
	if (mkdirat(state, "layers", 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "cannot make the folder for layers");
	auto_free char *name = xasprintf("layers/%s", key);
	if (syncfs(staging) < 0)
		return err_sys(err, errno, "cannot write the prepared layer to disk");
	if (renameat(staging, tree, state, name) == 0 || errno == EEXIST || errno == ENOTEMPTY)
		return true; // another `up` may have published the same meanwhile
	return err_sys(err, errno, "cannot publish the prepared layer");
}
