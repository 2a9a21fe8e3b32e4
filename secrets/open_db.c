// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The settings that make SQLite right for the secret store and the audit chain, in one place.
 * The file is made by us before SQLite sees it, so that its mode (and that of the -wal and -shm
 * files, which copy it) does not depend on the umask of the moment.
 */
#include "secrets/open_db.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "secrets/private.h"

bool db_failed(sqlite3 *db, const char *doing, struct err *err)
{
	enum err_code code = sqlite3_errcode(db) == SQLITE_BUSY ? ERR_TIMEOUT : ERR_SYSTEM;

	return err_set(err, code, "%s: %s", doing, sqlite3_errmsg(db));
}

void db_finalize(sqlite3_stmt **statement)
{
	sqlite3_finalize(*statement);
	*statement = NULL;
}

bool db_exec(sqlite3 *db, const char *sql, const char *doing, struct err *err)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK || db_failed(db, doing, err);
}

bool db_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **statement, const char *doing,
		struct err *err)
{
	return sqlite3_prepare_v2(db, sql, -1, statement, NULL) == SQLITE_OK ||
	       db_failed(db, doing, err);
}

static bool make_private_file(const char *path, struct err *err)
{
	auto_fd int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(err, errno, "opening %s", path);
	return private_file_check(fd, path, err);
}

/* Two processes that turn the log on at once may see "busy" in spite of the timeout. */
static bool set_up(sqlite3 *db, const char *doing, struct err *err)
{
	int left = 50;

	sqlite3_busy_timeout(db, DB_BUSY_TIMEOUT_MS);
	sqlite3_extended_result_codes(db, 0);
	while (sqlite3_exec(db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL) == SQLITE_BUSY) {
		if (--left == 0)
			return db_failed(db, doing, err);
		usleep(20000);
	}
	return db_exec(db,
		       "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
		       "PRAGMA trusted_schema=OFF; PRAGMA secure_delete=ON;",
		       doing, err);
}

static bool read_version(sqlite3 *db, int *version, const char *doing, struct err *err)
{
	auto_statement sqlite3_stmt *statement = NULL;

	if (!db_prepare(db, "PRAGMA user_version", &statement, doing, err))
		return false;
	if (sqlite3_step(statement) != SQLITE_ROW)
		return db_failed(db, doing, err);
	*version = sqlite3_column_int(statement, 0);
	return true;
}

static bool run_migrations(sqlite3 *db, const char *doing, const char *const *migrations,
			   int n_migrations, struct err *err)
{
	auto_free char *finish = xasprintf("PRAGMA user_version=%d; COMMIT", n_migrations);
	int version;

	if (!read_version(db, &version, doing, err))
		return false;
	if (version > n_migrations)
		return err_set(
			err, ERR_UNSUPPORTED,
			"%s: it was written by a newer capakit (version %d, this one knows %d)",
			doing, version, n_migrations);
	for (; version < n_migrations; version++)
		if (!db_exec(db, migrations[version], doing, err))
			return false;
	return db_exec(db, finish, doing, err);
}

static bool migrate(sqlite3 *db, const char *doing, const char *const *migrations, int n_migrations,
		    struct err *err)
{
	int version;

	if (!read_version(db, &version, doing, err))
		return false;
	if (version == n_migrations)
		return true;
	if (!db_exec(db, "BEGIN IMMEDIATE", doing, err))
		return false;
	if (run_migrations(db, doing, migrations, n_migrations, err))
		return true;
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

sqlite3 *open_db(const char *folder_path, const char *name, const char *what,
		 const char *const *migrations, int n_migrations, struct err *err)
{
	auto_free char *path = xasprintf("%s/%s", folder_path, name);
	auto_free char *doing = xasprintf("opening %s (%s)", what, path);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
	sqlite3 *db = NULL;
	bool open;

	if (!make_private_file(path, err))
		return NULL;
	open = sqlite3_open_v2(path, &db, flags, NULL) == SQLITE_OK || db_failed(db, doing, err);
	if (open && set_up(db, doing, err) && migrate(db, doing, migrations, n_migrations, err))
		return db;
	close_db(&db);
	return NULL;
}

void close_db(sqlite3 **db)
{
	sqlite3_close_v2(*db);
	*db = NULL;
}
