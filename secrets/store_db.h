// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The secret store: <data>/secrets/secrets.db and the key beside it, made on first use. A secret
 * belongs to one Kit (controller/store/kit_identity.h) and has a name; its value is encrypted and
 * bound to both (secrets/seal.h). Errors never carry a value.
 */
#include <stddef.h>
#include <stdint.h>

#include "secrets/locked.h"

#define SECRET_STORE_FOLDER "secrets" // below the data folder

struct secret_store;

enum secret_store_mode { SECRET_STORE_READ, SECRET_STORE_WRITE };

struct secret_store *secret_store_open(const char *data_dir, enum secret_store_mode mode,
				       struct err *err);
void secret_store_close(struct secret_store **store);

/* Replaces a value that is there. An empty value or one over SECRET_VALUE_MAX is ERR_LIMIT. */
must_check bool secret_store_set(struct secret_store *store, const char *kit, const char *name,
				 const struct locked *value, int64_t now, struct err *err);

/* ERR_MISSING when there is none. */
must_check bool secret_store_get(struct secret_store *store, const char *kit, const char *name,
				 struct locked *value, struct err *err);
must_check bool secret_store_remove(struct secret_store *store, const char *kit, const char *name,
				    struct err *err);
must_check bool secret_store_has(struct secret_store *store, const char *kit, const char *name,
				 bool *has, struct err *err);

struct secret_entry {
	char *name;
	int64_t set_at; // seconds since the epoch
};

/* The Kit's secrets, by name. The caller frees with secret_entries_free. */
must_check bool secret_store_list(struct secret_store *store, const char *kit,
				  struct secret_entry **entries, size_t *count, struct err *err);
void secret_entries_free(struct secret_entry **entries, size_t count);
