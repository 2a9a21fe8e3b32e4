// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The digest goes over the source and its kind, so that a folder cannot be named to look like a
 * URL. 64 bits of it stand in the identity: it tells a person's own Kits apart, and is not what
 * protects a secret from somebody who can write that person's files.
 */
#include "controller/store/kit_identity.h"

#include <errno.h>

#include "base/mem.h"
#include "base/sha256.h"

enum { DIGITS = 16 };

static const char *const kind_names[] = {
	[KIT_SOURCE_FOLDER] = "folder",
	[KIT_SOURCE_GIT] = "git",
	[KIT_SOURCE_ARCHIVE] = "archive",
};

static size_t source_len(enum kit_source_kind kind, const char *source)
{
	return kind == KIT_SOURCE_GIT ? strcspn(source, "#") : strlen(source);
}

char *kit_identity(const char *kit_name, enum kit_source_kind kind, const char *source)
{
	auto_free char *counted = xstrndup(source, source_len(kind, source));
	struct sha256 *hash = sha256_new();
	char hex[SHA256_HEX];

	sha256_add_field(hash, kind_names[kind]);
	sha256_add_field(hash, counted);
	sha256_finish_hex(&hash, hex);
	return xasprintf("%s@%.*s", kit_name, DIGITS, hex);
}

char *kit_identity_of_folder(const char *kit_name, const char *path, struct err *err)
{
	auto_free char *real = realpath(path, NULL);

	if (!real) {
		err_sys(err, errno, "looking for the Kit's folder %s", path);
		return NULL;
	}
	return kit_identity(kit_name, KIT_SOURCE_FOLDER, real);
}
