// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A record's hash goes over the hash of the record before it and over each of its own fields with
 * its length, so that no two records and no two orders of records hash alike. The last hash is
 * read and the next record written in one immediate transaction, which is what lets the keepers
 * of several apps share the chain.
 */
#include "secrets/audit_db.h"

#include "base/fd.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "secrets/open_db.h"
#include "secrets/private.h"

struct audit {
	sqlite3 *db;
};

static const char *const migrations[] = {
	"CREATE TABLE record (seq INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, app TEXT NOT NULL,"
	" identity TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL,"
	" outcome TEXT NOT NULL, hash BLOB NOT NULL) STRICT;"
	"CREATE TRIGGER record_never_changes BEFORE UPDATE ON record"
	" BEGIN SELECT raise(ABORT, 'the audit chain is append-only'); END;"
	"CREATE TRIGGER record_never_goes BEFORE DELETE ON record"
	" BEGIN SELECT raise(ABORT, 'the audit chain is append-only'); END;",
};

struct link { // where the chain ends
	int64_t seq;
	uint8_t hash[SHA256_SIZE];
};

struct audit *audit_open(const char *state_dir, struct err *err)
{
	auto_free char *path = NULL;
	auto_fd int folder = private_folder(state_dir, AUDIT_FOLDER, &path, err);
	struct audit *audit;
	sqlite3 *db;

	if (folder < 0)
		return NULL;
	db = open_db(path, "audit.db", "the audit chain", migrations, array_len(migrations), err);
	if (!db)
		return NULL;
	/* Safe against the death of any process; an fsync for each record took 3 ms. */
	if (!db_exec(db, "PRAGMA synchronous=NORMAL", "opening the audit chain", err)) {
		close_db(&db);
		return NULL;
	}
	audit = xcalloc(1, sizeof(*audit));
	audit->db = db;
	return audit;
}

void audit_close(struct audit **audit)
{
	struct audit *gone = take_ptr(audit);

	if (!gone)
		return;
	close_db(&gone->db);
	free(gone);
}

/* Advances the chain's end over the record. */
static void link_record(struct link *end, const struct audit_record *record)
{
	auto_free char *numbers =
		xasprintf("%lld %lld", (long long)end->seq + 1, (long long)record->time_ms);
	struct sha256 *hash = sha256_new();

	sha256_add(hash, end->hash, sizeof(end->hash));
	sha256_add_field(hash, numbers);
	sha256_add_field(hash, record->app);
	sha256_add_field(hash, record->identity);
	sha256_add_field(hash, record->action);
	sha256_add_field(hash, record->object);
	sha256_add_field(hash, record->outcome);
	sha256_finish(&hash, end->hash);
	end->seq++;
}

static bool take_hash(sqlite3_stmt *row, int column, uint8_t hash[SHA256_SIZE])
{
	if (sqlite3_column_bytes(row, column) != SHA256_SIZE)
		return false;
	memcpy(hash, sqlite3_column_blob(row, column), SHA256_SIZE);
	return true;
}

static bool read_end(struct audit *audit, struct link *end, struct err *err)
{
	auto_statement sqlite3_stmt *select = NULL;
	const char *doing = "reading the audit chain's end";
	int step;

	if (!db_prepare(audit->db, "SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1",
			&select, doing, err))
		return false;
	*end = (struct link){0};
	step = sqlite3_step(select);
	if (step == SQLITE_DONE)
		return true;
	if (step != SQLITE_ROW)
		return db_failed(audit->db, doing, err);
	end->seq = sqlite3_column_int64(select, 0);
	return take_hash(select, 1, end->hash) ||
	       err_set(err, ERR_DENIED, "the audit chain's last record was changed");
}

static bool insert(struct audit *audit, const struct audit_record *record, const struct link *end,
		   struct err *err)
{
	auto_statement sqlite3_stmt *row = NULL;
	const char *doing = "writing an audit record";
	const char *const texts[] = {record->app, record->identity, record->action, record->object,
				     record->outcome};

	if (!db_prepare(audit->db, "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)", &row,
			doing, err))
		return false;
	sqlite3_bind_int64(row, 1, end->seq);
	sqlite3_bind_int64(row, 2, record->time_ms);
	for (size_t i = 0; i < array_len(texts); i++)
		sqlite3_bind_text(row, 3 + (int)i, texts[i], -1, SQLITE_STATIC);
	sqlite3_bind_blob(row, 8, end->hash, sizeof(end->hash), SQLITE_STATIC);
	return sqlite3_step(row) == SQLITE_DONE || db_failed(audit->db, doing, err);
}

static bool append_in_transaction(struct audit *audit, const struct audit_record *record,
				  struct err *err)
{
	struct link end;

	if (!read_end(audit, &end, err))
		return false;
	link_record(&end, record);
	return insert(audit, record, &end, err) &&
	       db_exec(audit->db, "COMMIT", "writing an audit record", err);
}

bool audit_append(struct audit *audit, const struct audit_record *record, struct err *err)
{
	if (!db_exec(audit->db, "BEGIN IMMEDIATE", "writing an audit record", err))
		return false;
	if (append_in_transaction(audit, record, err))
		return true;
	sqlite3_exec(audit->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

#define COLUMNS "seq, time_ms, app, identity, action, object, outcome, hash"

/* Of a row of COLUMNS; its texts are there until the next step. */
static struct audit_record record_of(sqlite3_stmt *row)
{
	return (struct audit_record){
		.time_ms = sqlite3_column_int64(row, 1),
		.app = (const char *)sqlite3_column_text(row, 2),
		.identity = (const char *)sqlite3_column_text(row, 3),
		.action = (const char *)sqlite3_column_text(row, 4),
		.object = (const char *)sqlite3_column_text(row, 5),
		.outcome = (const char *)sqlite3_column_text(row, 6),
	};
}

static bool fits(sqlite3_stmt *row, struct link *end)
{
	const struct audit_record record = record_of(row);
	uint8_t stored[SHA256_SIZE];

	link_record(end, &record);
	return sqlite3_column_int64(row, 0) == end->seq && take_hash(row, 7, stored) &&
	       memcmp(stored, end->hash, sizeof(stored)) == 0;
}

bool audit_verify(struct audit *audit, int64_t *count, int64_t *first_bad, struct err *err)
{
	auto_statement sqlite3_stmt *select = NULL;
	const char *doing = "reading the audit chain";
	struct link end = {0};
	int step;

	*count = *first_bad = 0;
	if (!db_prepare(audit->db, "SELECT " COLUMNS " FROM record ORDER BY seq", &select, doing,
			err))
		return false;
	while ((step = sqlite3_step(select)) == SQLITE_ROW) {
		if (!fits(select, &end)) {
			*first_bad = end.seq;
			return true;
		}
		++*count;
	}
	return step == SQLITE_DONE || db_failed(audit->db, doing, err);
}

bool audit_end(struct audit *audit, int64_t *seq, uint8_t hash[SHA256_SIZE], struct err *err)
{
	struct link end;

	if (!read_end(audit, &end, err))
		return false;
	*seq = end.seq;
	memcpy(hash, end.hash, SHA256_SIZE);
	return true;
}

bool audit_hash_at(struct audit *audit, int64_t seq, uint8_t hash[SHA256_SIZE], bool *found,
		   struct err *err)
{
	auto_statement sqlite3_stmt *select = NULL;
	const char *doing = "reading the audit chain";
	int step;

	if (!db_prepare(audit->db, "SELECT hash FROM record WHERE seq = ?", &select, doing, err))
		return false;
	sqlite3_bind_int64(select, 1, seq);
	step = sqlite3_step(select);
	*found = step == SQLITE_ROW && take_hash(select, 0, hash);
	return step == SQLITE_ROW || step == SQLITE_DONE || db_failed(audit->db, doing, err);
}

bool audit_read(struct audit *audit, int64_t first, audit_record_fn *on_record, void *owner,
		struct err *err)
{
	auto_statement sqlite3_stmt *select = NULL;
	const char *doing = "reading the audit chain";
	int step;

	if (!db_prepare(audit->db, "SELECT " COLUMNS " FROM record WHERE seq >= ? ORDER BY seq",
			&select, doing, err))
		return false;
	sqlite3_bind_int64(select, 1, first);
	while ((step = sqlite3_step(select)) == SQLITE_ROW) {
		const struct audit_record record = record_of(select);

		on_record(owner, sqlite3_column_int64(select, 0), &record);
	}
	return step == SQLITE_DONE || db_failed(audit->db, doing, err);
}
