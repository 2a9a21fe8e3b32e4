// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/limits.h"
#include "secrets/store_db.h"
#include "tests/unit/secrets/folder.h"

static struct secret_store *open_store(void **state, enum secret_store_mode mode)
{
	struct err err;
	struct secret_store *store = secret_store_open(*state, mode, &err);

	if (!store)
		print_error("%s\n", err.text);
	assert_non_null(store);
	return store;
}

static bool set(struct secret_store *store, const char *kit, const char *name, const char *text,
		struct err *err)
{
	auto_locked struct locked value = {0};

	assert_true(locked_new(&value, strlen(text) + 1, err));
	memcpy(value.data, text, strlen(text));
	value.len = strlen(text);
	return secret_store_set(store, kit, name, &value, 1700000000, err);
}

static void assert_value(struct secret_store *store, const char *kit, const char *name,
			 const char *text)
{
	auto_locked struct locked value = {0};
	struct err err;

	assert_true(secret_store_get(store, kit, name, &value, &err));
	assert_int_equal(value.len, strlen(text));
	assert_memory_equal(value.data, text, value.len);
}

static enum err_code get_error(struct secret_store *store, const char *kit, const char *name)
{
	auto_locked struct locked value = {0};
	struct err err = {.code = ERR_NONE};

	assert_false(secret_store_get(store, kit, name, &value, &err));
	assert_null(value.data);
	return err.code;
}

static void keeps_values_over_time(void **state)
{
	struct secret_store *store = open_store(state, SECRET_STORE_WRITE);
	struct err err;

	assert_true(set(store, "kit@0", "token", "first", &err));
	assert_true(set(store, "kit@0", "token", "second", &err));
	assert_true(set(store, "kit@0", "other", "third", &err));
	secret_store_close(&store);
	store = open_store(state, SECRET_STORE_READ);
	assert_value(store, "kit@0", "token", "second");
	assert_value(store, "kit@0", "other", "third");
	assert_false(set(store, "kit@0", "token", "x", &err)); // opened to read
	secret_store_close(&store);
}

static void a_secret_belongs_to_one_kit(void **state)
{
	struct secret_store *store = open_store(state, SECRET_STORE_WRITE);
	struct secret_entry *entries;
	size_t count;
	struct err err;
	bool has;

	assert_true(set(store, "kit@0", "token", "mine", &err));
	assert_int_equal(get_error(store, "kit@1", "token"), ERR_MISSING);
	assert_true(secret_store_has(store, "kit@1", "token", &has, &err));
	assert_false(has);
	assert_true(secret_store_has(store, "kit@0", "token", &has, &err));
	assert_true(has);
	assert_true(secret_store_list(store, "kit@1", &entries, &count, &err));
	assert_int_equal(count, 0);
	secret_entries_free(&entries, count);
	secret_store_close(&store);
}

static void lists_names_and_removes(void **state)
{
	struct secret_store *store = open_store(state, SECRET_STORE_WRITE);
	struct secret_entry *entries;
	size_t count;
	struct err err;

	assert_true(set(store, "kit@0", "b", "1", &err));
	assert_true(set(store, "kit@0", "a", "2", &err));
	assert_true(secret_store_list(store, "kit@0", &entries, &count, &err));
	assert_int_equal(count, 2);
	assert_string_equal(entries[0].name, "a");
	assert_int_equal(entries[0].set_at, 1700000000);
	secret_entries_free(&entries, count);
	assert_true(secret_store_remove(store, "kit@0", "a", &err));
	assert_false(secret_store_remove(store, "kit@0", "a", &err));
	assert_int_equal(err.code, ERR_MISSING);
	assert_int_equal(get_error(store, "kit@0", "a"), ERR_MISSING);
	secret_store_close(&store);
}

static void takes_values_up_to_the_maximum(void **state)
{
	struct secret_store *store = open_store(state, SECRET_STORE_WRITE);
	auto_locked struct locked value = {0}, got = {0};
	struct err err;

	assert_true(locked_new(&value, SECRET_VALUE_MAX + 1, &err));
	value.len = SECRET_VALUE_MAX;
	assert_true(secret_store_set(store, "kit@0", "big", &value, 1, &err));
	assert_true(secret_store_get(store, "kit@0", "big", &got, &err));
	assert_int_equal(got.len, SECRET_VALUE_MAX);
	value.len++;
	assert_false(secret_store_set(store, "kit@0", "big", &value, 1, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	value.len = 0;
	assert_false(secret_store_set(store, "kit@0", "big", &value, 1, &err));
	secret_store_close(&store);
}

/* As where /home is a link to elsewhere. */
static void the_data_folder_may_be_behind_a_symlink(void **state)
{
	auto_free char *real = xasprintf("%s/real", (char *)*state);
	auto_free char *link = xasprintf("%s/link", (char *)*state);
	void *folder = link;
	struct secret_store *store;

	assert_int_equal(mkdir(real, 0755), 0);
	assert_int_equal(symlink("real", link), 0);
	store = open_store(&folder, SECRET_STORE_WRITE);
	secret_store_close(&store);
}

static void another_process_sees_a_new_value_at_once(void **state)
{
	struct secret_store *reader = open_store(state, SECRET_STORE_READ);
	struct secret_store *writer = open_store(state, SECRET_STORE_WRITE);
	struct err err;

	assert_int_equal(get_error(reader, "kit@0", "token"), ERR_MISSING);
	assert_true(set(writer, "kit@0", "token", "now", &err));
	assert_value(reader, "kit@0", "token", "now");
	secret_store_close(&reader);
	secret_store_close(&writer);
}

static void no_value_lies_in_the_files(void **state)
{
	static const char *const files[] = {"secrets.db", "secrets.db-wal", "secrets.db-shm"};
	struct secret_store *store = open_store(state, SECRET_STORE_WRITE);
	struct err err;

	assert_true(set(store, "kit@0", "token", "a-value-to-look-for", &err));
	for (size_t i = 0; i < array_len(files); i++) {
		auto_free char *path = xasprintf("%s/secrets/%s", (char *)*state, files[i]);
		auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
		auto_free char *data = NULL;
		struct stat st;
		size_t len;

		assert_true(fd_read_all(fd, 4 * MIB, &data, &len, &err));
		assert_null(memmem(data, len, "a-value-to-look-for", 19));
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	secret_store_close(&store);
}

/* --- somebody else writes the database --- */

static void tamper(void **state, const char *sql)
{
	auto_free char *path = xasprintf("%s/secrets/secrets.db", (char *)*state);
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_true(sqlite3_changes(db) > 0);
	sqlite3_close(db);
}

static void rows_that_were_changed_do_not_open(void **state)
{
	static const char *const changes[] = {
		"UPDATE secret SET kit = 'evil@1' WHERE name = 'a'",
		"UPDATE secret SET record = (SELECT record FROM secret WHERE name = 'b'),"
		" version = (SELECT version FROM secret WHERE name = 'b') WHERE name = 'a'",
		"UPDATE secret SET version = version + 1 WHERE name = 'a'",
		"UPDATE secret SET record = substr(record, 2) WHERE name = 'a'",
		"UPDATE secret SET record = x'' WHERE name = 'a'",
		"UPDATE secret SET record = zeroblob(200000) WHERE name = 'a'",
	};
	struct err err;

	for (size_t i = 0; i < array_len(changes); i++) {
		struct secret_store *store = open_store(state, SECRET_STORE_WRITE);

		assert_true(set(store, "kit@0", "a", "one", &err));
		assert_true(set(store, "kit@0", "b", "two", &err));
		secret_store_close(&store);
		tamper(state, changes[i]);
		store = open_store(state, SECRET_STORE_READ);
		assert_int_equal(get_error(store, i == 0 ? "evil@1" : "kit@0", "a"), ERR_DENIED);
		assert_value(store, "kit@0", "b", "two"); // its neighbour is as it was
		secret_store_close(&store);
	}
}

static void another_key_is_told_from_a_changed_row(void **state)
{
	auto_free char *path = xasprintf("%s/secrets/secrets.key", (char *)*state);
	struct secret_store *store = open_store(state, SECRET_STORE_WRITE);
	struct err err;
	FILE *file;

	assert_true(set(store, "kit@0", "a", "one", &err));
	secret_store_close(&store);
	file = fopen(path, "r+");
	fputs("another key, also 32 bytes long.", file);
	fclose(file);
	assert_null(secret_store_open(*state, SECRET_STORE_READ, &err));
	assert_int_equal(err.code, ERR_DENIED);
	assert_non_null(strstr(err.text, "another key"));
	assert_int_equal(unlink(path), 0);
	assert_null(secret_store_open(*state, SECRET_STORE_WRITE, &err)); // not made anew
	assert_int_equal(err.code, ERR_MISSING);
}

static void a_store_that_others_can_read_is_refused(void **state)
{
	auto_free char *path = xasprintf("%s/secrets/secrets.db", (char *)*state);
	struct secret_store *store = open_store(state, SECRET_STORE_WRITE);
	struct err err;

	secret_store_close(&store);
	assert_int_equal(chmod(path, 0604), 0);
	assert_null(secret_store_open(*state, SECRET_STORE_READ, &err));
	assert_int_equal(err.code, ERR_DENIED);
}

static void a_newer_store_is_left_alone(void **state)
{
	auto_free char *path = xasprintf("%s/secrets/secrets.db", (char *)*state);
	struct secret_store *store = open_store(state, SECRET_STORE_WRITE);
	sqlite3 *db;
	struct err err;

	secret_store_close(&store);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version=99", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_null(secret_store_open(*state, SECRET_STORE_READ, &err));
	assert_int_equal(err.code, ERR_UNSUPPORTED);
}

static void many_may_open_it_first(void **state)
{
	for (int i = 0; i < 6; i++) {
		if (fork() == 0) {
			struct err err;
			struct secret_store *store =
				secret_store_open(*state, SECRET_STORE_WRITE, &err);
			auto_free char *name = xasprintf("n%d", i);

			if (!store || !set(store, "kit@0", name, "value", &err)) {
				print_error("%s\n", err.text);
				_exit(1);
			}
			secret_store_close(&store);
			_exit(0);
		}
	}
	for (int i = 0; i < 6; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		folder_test(keeps_values_over_time),
		folder_test(a_secret_belongs_to_one_kit),
		folder_test(lists_names_and_removes),
		folder_test(takes_values_up_to_the_maximum),
		folder_test(the_data_folder_may_be_behind_a_symlink),
		folder_test(another_process_sees_a_new_value_at_once),
		folder_test(no_value_lies_in_the_files),
		folder_test(rows_that_were_changed_do_not_open),
		folder_test(another_key_is_told_from_a_changed_row),
		folder_test(a_store_that_others_can_read_is_refused),
		folder_test(a_newer_store_is_left_alone),
		folder_test(many_may_open_it_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
