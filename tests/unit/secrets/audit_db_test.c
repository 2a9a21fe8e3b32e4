// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "secrets/audit_db.h"
#include "tests/unit/secrets/folder.h"

static bool append(struct audit *audit, const char *object)
{
	const struct audit_record record = {
		.time_ms = 1700000000123,
		.app = "newsroom",
		.identity = "spiffe://run.capakit/workload/wire",
		.action = "resolve_secret",
		.object = object,
		.outcome = "granted",
	};
	struct err err;

	return audit_append(audit, &record, &err);
}

static struct audit *audit_of_five(void **state)
{
	struct err err;
	struct audit *audit = audit_open(*state, &err);

	assert_non_null(audit);
	for (int i = 0; i < 5; i++)
		assert_true(append(audit, i % 2 ? "key\nwith a newline" : "key"));
	return audit;
}

static void check(struct audit *audit, int64_t wanted_count, int64_t wanted_bad)
{
	int64_t count, bad;
	struct err err;

	assert_true(audit_verify(audit, &count, &bad, &err));
	assert_int_equal(bad, wanted_bad);
	assert_int_equal(count, wanted_count);
}

static void a_chain_holds_over_restarts(void **state)
{
	struct audit *audit = audit_of_five(state);
	struct err err;

	audit_close(&audit);
	audit = audit_open(*state, &err);
	assert_true(append(audit, "key"));
	check(audit, 6, 0);
	audit_close(&audit);
}

static void what_was_changed_is_named(void **state)
{
	static const struct {
		const char *sql;
		int64_t bad;
	} changes[] = {
		{"UPDATE record SET outcome = 'not_granted' WHERE seq = 3", 3},
		{"UPDATE record SET app = 'newsroo', identity = 'm' || identity WHERE seq = 2", 2},
		{"UPDATE record SET time_ms = time_ms - 1 WHERE seq = 1", 1},
		{"UPDATE record SET hash = x'00' WHERE seq = 5", 5},
		{"DELETE FROM record WHERE seq = 2", 2},
		{"UPDATE record SET seq = -seq; UPDATE record SET seq = 6 + seq", 1},
	};

	for (size_t i = 0; i < array_len(changes); i++) {
		auto_free char *folder = xasprintf("%s/%zu", (char *)*state, i);
		auto_free char *path = xasprintf("%s/audit/audit.db", folder);
		void *inner = folder;
		struct audit *audit = audit_of_five(&inner);
		sqlite3 *db;

		assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
		assert_int_not_equal(sqlite3_exec(db, changes[i].sql, NULL, NULL, NULL), SQLITE_OK);
		sqlite3_exec(db, "DROP TRIGGER record_never_changes", NULL, NULL, NULL);
		sqlite3_exec(db, "DROP TRIGGER record_never_goes", NULL, NULL, NULL);
		assert_int_equal(sqlite3_exec(db, changes[i].sql, NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		check(audit, changes[i].bad - 1, changes[i].bad);
		audit_close(&audit);
	}
}

static void keepers_of_several_apps_share_it(void **state)
{
	struct audit *audit;
	struct err err;

	for (int i = 0; i < 4; i++) {
		if (fork() == 0) {
			struct audit *own = audit_open(*state, &err);
			bool done = own;

			for (int n = 0; n < 25 && done; n++)
				done = append(own, "key");
			audit_close(&own);
			_exit(done ? 0 : 1);
		}
	}
	for (int i = 0; i < 4; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	audit = audit_open(*state, &err);
	check(audit, 100, 0);
	audit_close(&audit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		folder_test(a_chain_holds_over_restarts),
		folder_test(what_was_changed_is_named),
		folder_test(keepers_of_several_apps_share_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
