// SPDX-License-Identifier: GPL-3.0-or-later
/* Finds sources in the store; unpack_job.c puts them there. */
#include "controller/sources/kept.h"

#include <fcntl.h>

#include "base/fd.h"
#include "base/path.h"
#include "controller/store/store.h"

void kept_key(enum kit_source_kind kind, const char *origin, const char *version,
	      char key[SHA256_HEX])
{
	struct sha256 *hash = sha256_new();
	sha256_add_field(hash, "capakit source 1");
	sha256_add_field(hash, kind == KIT_SOURCE_GIT ? "git" : "archive");
	sha256_add_field(hash, origin);
	sha256_add_field(hash, version);
	sha256_finish_hex(&hash, key);
}

int kept_open(int state, const char key[SHA256_HEX], int *lock)
{
	struct err ignored;
	auto_fd int held = store_lock_shared(state, &ignored);
	if (held < 0 || !store_has(state, STORE_SOURCE, key))
		return -1;
	auto_fd int entry = store_open_entry(state, STORE_SOURCE, key, &ignored);
	auto_fd int tree =
		entry < 0 ? -1
			  : path_open_beneath(entry, "tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0,
					      &ignored);
	if (tree < 0)
		return -1;
	*lock = take_fd(&held);
	return take_fd(&tree);
}
