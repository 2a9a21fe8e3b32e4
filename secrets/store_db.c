// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Rows of ciphertext. SQLite never sees a value nor the key: what is bound to a statement is
 * already sealed to the row's Kit, name and version, so that whoever can write the database can
 * at most make a secret unreadable. The key is named in the database by a digest, to tell a wrong
 * key from a changed row.
 */
#include "secrets/store_db.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "secrets/key.h"
#include "secrets/open_db.h"
#include "secrets/private.h"
#include "secrets/seal.h"

#define STORE_FILE "secrets.db"

struct secret_store {
	sqlite3 *db;
	struct locked key;
};

static const char *const migrations[] = {
	"CREATE TABLE store_key (only INTEGER PRIMARY KEY CHECK (only = 1), digest BLOB NOT NULL)"
	" STRICT;"
	"CREATE TABLE secret (kit TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,"
	" record BLOB NOT NULL, set_at INTEGER NOT NULL, PRIMARY KEY (kit, name)) STRICT;",
};

/* --- opening --- */

static void key_digest(const struct locked *key, uint8_t digest[SHA256_SIZE])
{
	struct sha256 *hash = sha256_new();

	sha256_add_field(hash, "capakit secret store key");
	sha256_add(hash, key->data, key->len);
	sha256_finish(&hash, digest);
}

static bool note_key(sqlite3 *db, const uint8_t *digest, struct err *err)
{
	auto_statement sqlite3_stmt *insert = NULL;
	const char *doing = "naming the secret store's key";

	if (!db_prepare(db, "INSERT OR IGNORE INTO store_key VALUES (1, ?)", &insert, doing, err))
		return false;
	sqlite3_bind_blob(insert, 1, digest, SHA256_SIZE, SQLITE_STATIC);
	return sqlite3_step(insert) == SQLITE_DONE || db_failed(db, doing, err);
}

static bool check_key(const struct secret_store *store, const char *folder, struct err *err)
{
	auto_statement sqlite3_stmt *select = NULL;
	const char *doing = "looking at the secret store's key";
	uint8_t digest[SHA256_SIZE];

	key_digest(&store->key, digest);
	if (!note_key(store->db, digest, err) ||
	    !db_prepare(store->db, "SELECT digest FROM store_key", &select, doing, err))
		return false;
	if (sqlite3_step(select) != SQLITE_ROW)
		return db_failed(store->db, doing, err);
	if (sqlite3_column_bytes(select, 0) == SHA256_SIZE &&
	    memcmp(sqlite3_column_blob(select, 0), digest, SHA256_SIZE) == 0)
		return true;
	return err_set(err, ERR_DENIED,
		       "the secret store in %s was written with another key than %s/%s: restore "
		       "that key, or move the folder away and set your secrets again",
		       folder, folder, SECRET_KEY_FILE);
}

static bool load(struct secret_store *store, int folder, const char *path,
		 enum secret_store_mode mode, struct err *err)
{
	bool written = faccessat(folder, STORE_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;

	if (!secret_key_load(folder, path, !written, &store->key, err))
		return false;
	store->db = open_db(path, STORE_FILE, "the secret store", migrations, array_len(migrations),
			    err);
	if (!store->db || !check_key(store, path, err))
		return false;
	return mode == SECRET_STORE_WRITE ||
	       db_exec(store->db, "PRAGMA query_only=ON", "opening the secret store", err);
}

struct secret_store *secret_store_open(const char *data_dir, enum secret_store_mode mode,
				       struct err *err)
{
	auto_free char *path = NULL;
	auto_fd int folder = private_folder(data_dir, SECRET_STORE_FOLDER, &path, err);
	struct secret_store *store;

	if (folder < 0)
		return NULL;
	store = xcalloc(1, sizeof(*store));
	if (!load(store, folder, path, mode, err))
		secret_store_close(&store);
	return store;
}

void secret_store_close(struct secret_store **store)
{
	struct secret_store *gone = take_ptr(store);

	if (!gone)
		return;
	close_db(&gone->db);
	locked_free(&gone->key);
	free(gone);
}

/* --- one secret --- */

/* A statement about the secret of this Kit and name, which are its parameters 1 and 2. */
static bool prepare(struct secret_store *store, const char *sql, const char *kit, const char *name,
		    sqlite3_stmt **statement, const char *doing, struct err *err)
{
	if (!db_prepare(store->db, sql, statement, doing, err))
		return false;
	sqlite3_bind_text(*statement, 1, kit, -1, SQLITE_STATIC);
	sqlite3_bind_text(*statement, 2, name, -1, SQLITE_STATIC);
	return true;
}

static bool next_version(struct secret_store *store, const char *kit, const char *name,
			 int64_t *version, struct err *err)
{
	auto_statement sqlite3_stmt *select = NULL;
	const char *doing = "looking for a secret";

	if (!prepare(store,
		     "SELECT coalesce(max(version), 0) + 1 FROM secret WHERE kit = ? AND name = ?",
		     kit, name, &select, doing, err))
		return false;
	if (sqlite3_step(select) != SQLITE_ROW)
		return db_failed(store->db, doing, err);
	*version = sqlite3_column_int64(select, 0);
	return true;
}

static bool write_record(struct secret_store *store, const struct seal_place *place,
			 const struct buf *record, int64_t now, struct err *err)
{
	auto_statement sqlite3_stmt *insert = NULL;
	const char *doing = "writing a secret";

	if (!prepare(store, "INSERT OR REPLACE INTO secret VALUES (?, ?, ?, ?, ?)", place->kit,
		     place->name, &insert, doing, err))
		return false;
	sqlite3_bind_int64(insert, 3, place->version);
	sqlite3_bind_blob(insert, 4, buf_bytes(record), (int)buf_len(record), SQLITE_STATIC);
	sqlite3_bind_int64(insert, 5, now);
	return sqlite3_step(insert) == SQLITE_DONE || db_failed(store->db, doing, err);
}

static bool set_in_transaction(struct secret_store *store, struct seal_place *place,
			       const struct locked *value, int64_t now, struct err *err)
{
	auto_buf struct buf record;

	buf_init(&record, SECRET_VALUE_MAX + SEAL_OVERHEAD);
	return next_version(store, place->kit, place->name, &place->version, err) &&
	       seal_close(&store->key, place, value->data, value->len, &record, err) &&
	       write_record(store, place, &record, now, err) &&
	       db_exec(store->db, "COMMIT", "writing a secret", err);
}

bool secret_store_set(struct secret_store *store, const char *kit, const char *name,
		      const struct locked *value, int64_t now, struct err *err)
{
	struct seal_place place = {.kit = kit, .name = name};

	if (value->len == 0 || value->len > SECRET_VALUE_MAX)
		return err_set(err, ERR_LIMIT, "a secret has 1 to %zu bytes; this one has %zu",
			       SECRET_VALUE_MAX, value->len);
	if (!db_exec(store->db, "BEGIN IMMEDIATE", "writing a secret", err))
		return false;
	if (set_in_transaction(store, &place, value, now, err))
		return true;
	sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

static bool missing(const char *kit, const char *name, struct err *err)
{
	return err_set(err, ERR_MISSING, "the secret %s of %s is not set", name, kit);
}

bool secret_store_get(struct secret_store *store, const char *kit, const char *name,
		      struct locked *value, struct err *err)
{
	auto_statement sqlite3_stmt *select = NULL;
	struct seal_place place = {.kit = kit, .name = name};
	const char *doing = "reading a secret";
	int step;

	*value = (struct locked){0};
	if (!prepare(store, "SELECT version, record FROM secret WHERE kit = ? AND name = ?", kit,
		     name, &select, doing, err))
		return false;
	step = sqlite3_step(select);
	if (step == SQLITE_DONE)
		return missing(kit, name, err);
	if (step != SQLITE_ROW)
		return db_failed(store->db, doing, err);
	place.version = sqlite3_column_int64(select, 0);
	return seal_open(&store->key, &place, sqlite3_column_blob(select, 1),
			 (size_t)sqlite3_column_bytes(select, 1), value, err);
}

bool secret_store_remove(struct secret_store *store, const char *kit, const char *name,
			 struct err *err)
{
	auto_statement sqlite3_stmt *remove = NULL;
	const char *doing = "removing a secret";

	if (!prepare(store, "DELETE FROM secret WHERE kit = ? AND name = ?", kit, name, &remove,
		     doing, err))
		return false;
	if (sqlite3_step(remove) != SQLITE_DONE)
		return db_failed(store->db, doing, err);
	return sqlite3_changes(store->db) > 0 || missing(kit, name, err);
}

bool secret_store_has(struct secret_store *store, const char *kit, const char *name, bool *has,
		      struct err *err)
{
	auto_statement sqlite3_stmt *select = NULL;
	const char *doing = "looking for a secret";

	if (!prepare(store, "SELECT count(*) FROM secret WHERE kit = ? AND name = ?", kit, name,
		     &select, doing, err))
		return false;
	if (sqlite3_step(select) != SQLITE_ROW)
		return db_failed(store->db, doing, err);
	*has = sqlite3_column_int(select, 0) > 0;
	return true;
}

/* --- all of a Kit's --- */

static void add_entry(sqlite3_stmt *row, struct secret_entry **entries, size_t *count)
{
	*entries = xreallocarray(*entries, *count + 1, sizeof(**entries));
	(*entries)[(*count)++] = (struct secret_entry){
		.name = xstrdup((const char *)sqlite3_column_text(row, 0)),
		.set_at = sqlite3_column_int64(row, 1),
	};
}

bool secret_store_list(struct secret_store *store, const char *kit, struct secret_entry **entries,
		       size_t *count, struct err *err)
{
	auto_statement sqlite3_stmt *select = NULL;
	const char *doing = "listing secrets";
	int step;

	*entries = NULL;
	*count = 0;
	if (!db_prepare(store->db, "SELECT name, set_at FROM secret WHERE kit = ? ORDER BY name",
			&select, doing, err))
		return false;
	sqlite3_bind_text(select, 1, kit, -1, SQLITE_STATIC);
	while ((step = sqlite3_step(select)) == SQLITE_ROW)
		add_entry(select, entries, count);
	if (step == SQLITE_DONE)
		return true;
	secret_entries_free(entries, *count);
	return db_failed(store->db, doing, err);
}

void secret_entries_free(struct secret_entry **entries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free((*entries)[i].name);
	free(*entries);
	*entries = NULL;
}
