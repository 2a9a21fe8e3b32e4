// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/store/record.h"
#include "controller/store/store.h"
#include "controller/store/uses.h"

static char folder[] = "/tmp/capakit-store-XXXXXX";
static int state = -1;
static struct err err;

static int set_up(void **unused)
{
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	assert_non_null(mkdtemp(folder));
	state = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	log_open("test", LOG_LEVEL_ERROR); // damage is a warning
	return state < 0;
}

static int tear_down(void **unused)
{
	auto_fd int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd_close(&state);
	return !path_remove_tree(tmp, folder + strlen("/tmp/"), &err);
}

static void put(const char *name, const char *text)
{
	auto_fd int fd = openat(state, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0 && fd_write_all(fd, text, strlen(text), &err));
}

static bool there(const char *name)
{
	return faccessat(state, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* An entry "k" with the file tree/sub/file. */
static void publish(const char *text)
{
	struct store_draft draft;
	assert_true(store_draft_open(&draft, state, STORE_LAYER, &err));
	assert_int_equal(mkdirat(draft.folder, "tree", 0755), 0);
	assert_int_equal(mkdirat(draft.folder, "tree/sub", 0755), 0);
	auto_free char *file = xasprintf("layers/%s/tree/sub/file", draft.name);
	put(file, text);
	if (!store_draft_publish(&draft, "k", "kit@1", "prepare of workload w", &err))
		fail_msg("%s", err.text);
	assert_null(draft.name);
}

static bool has(void)
{
	return store_has(state, STORE_LAYER, "k");
}

static void is_there_once_published(void **unused)
{
	struct store_record record;
	assert_false(has());
	publish("one");
	assert_true(has());
	auto_fd int entry = store_open_entry(state, STORE_LAYER, "k", &err);
	assert_true(record_read(entry, &record));
	assert_string_equal(record.kit, "kit@1");
	assert_string_equal(record.what, "prepare of workload w");
	assert_int_equal(record.files, 2);
	assert_int_equal(record.bytes, 3);
	assert_true(record.made_ms > 0 && record.used_ms >= record.made_ms - 1000);
	record_free(&record);
}

static void the_first_one_stays(void **unused)
{
	publish("one");
	publish("another");
	struct stat st;
	assert_int_equal(fstatat(state, "layers/k/tree/sub/file", &st, 0), 0);
	assert_int_equal(st.st_size, 3);
}

static void damage(const char *what)
{
	if (str_eq(what, "no record"))
		unlinkat(state, "layers/k/record", 0);
	else if (str_eq(what, "half a record"))
		put("layers/k/record", "{\"version\":1,");
	else if (str_eq(what, "another version"))
		put("layers/k/record", "{\"version\":2}");
	else if (str_eq(what, "no tree"))
		assert_true(path_remove_tree(state, "layers/k/tree", &err));
	else if (str_eq(what, "a file gone"))
		unlinkat(state, "layers/k/tree/sub/file", 0);
	else if (str_eq(what, "a file cut"))
		put("layers/k/tree/sub/file", "");
	else if (str_eq(what, "a file written"))
		put("layers/k/tree/sub/file", "two");
	else if (str_eq(what, "a file added"))
		put("layers/k/tree/more", "");
	else if (str_eq(what, "other permissions"))
		assert_int_equal(fchmodat(state, "layers/k/tree/sub/file", 0755, 0), 0);
}

static void what_is_damaged_is_not_used_but_made_again(void **unused)
{
	static const char *const all[] = {"no record",	    "half a record", "another version",
					  "no tree",	    "a file gone",   "a file cut",
					  "a file written", "a file added",  "other permissions"};
	for (size_t i = 0; i < array_len(all); i++) {
		publish("one");
		assert_true(has());
		damage(all[i]);
		if (has())
			fail_msg("%s: still used", all[i]);
		publish("one");
		if (!has())
			fail_msg("%s: not made again", all[i]);
	}
	assert_true(store_sweep(state, &err));
	auto_fd int trash = openat(state, "trash", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	assert_true(fstat(trash, &st) == 0 && st.st_nlink == 2);
}

static void a_half_made_one_is_swept_unless_somebody_is_at_it(void **unused)
{
	struct store_draft draft;
	auto_fd int lock = store_lock_shared(state, &err);
	assert_true(store_draft_open(&draft, state, STORE_SNAPSHOT, &err));
	auto_free char *name = xasprintf("snapshots/%s", draft.name);
	assert_true(store_sweep(state, &err));
	assert_true(there(name));
	fd_close(&lock); // as when it was killed
	assert_true(store_sweep(state, &err));
	assert_false(there(name));
	store_draft_discard(&draft);
	store_draft_discard(&draft);
}

static void one_makes_and_the_others_wait(void **unused)
{
	int first = store_lock_making(state, "k", &err);
	assert_true(first >= 0);
	assert_int_equal(store_lock_making(state, "k", &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	int other = store_lock_making(state, "other", &err);
	assert_true(other >= 0);
	store_unlock_making(state, "k", &first);
	assert_int_equal(first, -1);
	assert_false(there("making/k.lock"));
	int second = store_lock_making(state, "k", &err);
	assert_true(second >= 0);
	store_unlock_making(state, "k", &second);
	store_unlock_making(state, "other", &other);
}

static void what_is_discarded_is_gone(void **unused)
{
	publish("one");
	auto_fd int lock = store_lock_exclusive(state, &err);
	assert_true(store_discard(state, STORE_LAYER, "k", &err));
	assert_false(has());
	assert_true(store_discard(state, STORE_LAYER, "k", &err));
}

/* A run that goes on holds the lock of its folder. */
static int begin_run(const char *name)
{
	auto_free char *run = xasprintf("runs/%s", name);
	auto_free char *file = xasprintf("%s/lock", run);
	mkdirat(state, "runs", 0700);
	assert_int_equal(mkdirat(state, run, 0700), 0);
	int lock = openat(state, file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
	return lock;
}

static void runs_that_go_on_say_what_they_use(void **unused)
{
	struct store_uses uses = {0}, found = {0};
	assert_true(uses_read_all(state, &found, &err)); // no run at all
	auto_fd int first = begin_run("r1"), second = begin_run("r2");
	assert_false(uses_read_all(state, &found, &err)); // they do not say it
	uses_add(&uses, "layers", "a");
	uses_add(&uses, "snapshots", "b");
	assert_true(uses_write(first, &uses, &err));
	uses_add(&uses, "layers", "c");
	assert_true(uses_write(second, &uses, &err));
	uses_free(&found);
	assert_true(uses_read_all(state, &found, &err));
	assert_true(uses_has(&found, "layers", "a") && uses_has(&found, "layers", "c"));
	assert_false(uses_has(&found, "layers", "b"));
	uses_free(&found);
	fd_close(&second);
	assert_true(uses_read_all(state, &found, &err));
	assert_true(uses_has(&found, "snapshots", "b"));
	assert_false(uses_has(&found, "layers", "c"));
	uses_free(&found);
	assert_int_equal(unlinkat(state, "runs/r1/lock", 0), 0); // its janitor is at work
	assert_true(uses_read_all(state, &found, &err));
	assert_int_equal(found.count, 0);
	uses_free(&uses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(is_there_once_published, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_first_one_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_damaged_is_not_used_but_made_again, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_half_made_one_is_swept_unless_somebody_is_at_it,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_makes_and_the_others_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_discarded_is_gone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(runs_that_go_on_say_what_they_use, set_up,
						tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
