// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Opening a SQLite database the way this project wants them all: of this user alone (0600),
 * write-ahead log, full synchronisation, nothing temporary in files, patient with other
 * processes, and brought up to date by numbered migrations (PRAGMA user_version).
 */
#include <sqlite3.h>

#include "base/err.h"

/*
 * Opens <folder_path>/<name>, made when missing. `migrations` are SQL scripts; number n brings a
 * database from version n to n + 1. `what` is for messages ("the secret store").
 */
sqlite3 *open_db(const char *folder_path, const char *name, const char *what,
		 const char *const *migrations, int n_migrations, struct err *err);
void close_db(sqlite3 **db);

must_check bool db_exec(sqlite3 *db, const char *sql, const char *doing, struct err *err);
must_check bool db_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **statement,
			   const char *doing, struct err *err);

/* Fails with "doing: what SQLite says". */
bool db_failed(sqlite3 *db, const char *doing, struct err *err);

void db_finalize(sqlite3_stmt **statement);
#define auto_statement __attribute__((cleanup(db_finalize)))
