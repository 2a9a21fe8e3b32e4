// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The key of the secret store: 32 random bytes in the file `secrets.key`, mode 0600. Whoever has
 * the file and the store can read the secrets; a key that lies elsewhere is a later key source.
 */
#include "secrets/locked.h"

#define SECRET_KEY_SIZE 32
#define SECRET_KEY_FILE "secrets.key"

/*
 * Reads the key in `folder`, whose path is only for messages. When there is none: makes it if
 * `may_make`, else fails with ERR_MISSING. Refused when others can read it.
 */
must_check bool secret_key_load(int folder, const char *folder_path, bool may_make,
				struct locked *key, struct err *err);
