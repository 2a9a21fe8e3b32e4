// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/fd.h"
#include "secrets/key.h"
#include "tests/unit/secrets/folder.h"

static bool load(const char *folder, bool may_make, struct locked *key, struct err *err)
{
	auto_fd int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return secret_key_load(fd, folder, may_make, key, err);
}

static void is_made_once_and_stays(void **state)
{
	auto_free char *path = xasprintf("%s/" SECRET_KEY_FILE, (char *)*state);
	auto_locked struct locked first = {0}, second = {0};
	struct stat st;
	struct err err;

	assert_true(load(*state, true, &first, &err));
	assert_true(load(*state, false, &second, &err));
	assert_int_equal(first.len, SECRET_KEY_SIZE);
	assert_memory_equal(first.data, second.data, SECRET_KEY_SIZE);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, SECRET_KEY_SIZE);
}

static void is_not_made_when_it_must_exist(void **state)
{
	struct locked key = {0};
	struct err err;

	assert_false(load(*state, false, &key, &err));
	assert_int_equal(err.code, ERR_MISSING);
	assert_null(key.data);
}

static void is_refused_when_others_can_read_it(void **state)
{
	auto_free char *path = xasprintf("%s/" SECRET_KEY_FILE, (char *)*state);
	struct locked key = {0};
	struct err err;

	assert_true(load(*state, true, &key, &err));
	locked_free(&key);
	assert_int_equal(chmod(path, 0644), 0);
	assert_false(load(*state, true, &key, &err));
	assert_int_equal(err.code, ERR_DENIED);
	assert_non_null(strstr(err.text, "chmod 0600"));
}

static void is_refused_when_it_was_cut_or_grew(void **state)
{
	auto_free char *path = xasprintf("%s/" SECRET_KEY_FILE, (char *)*state);
	struct locked key = {0};
	struct err err;

	assert_true(load(*state, true, &key, &err));
	locked_free(&key);
	assert_int_equal(truncate(path, SECRET_KEY_SIZE - 1), 0);
	assert_false(load(*state, true, &key, &err));
	assert_int_equal(truncate(path, SECRET_KEY_SIZE + 1), 0);
	assert_false(load(*state, true, &key, &err));
	assert_int_equal(err.code, ERR_DENIED);
}

static void two_first_uses_at_once_end_with_one_key(void **state)
{
	uint8_t digests[8][SECRET_KEY_SIZE];
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	for (int i = 0; i < 8; i++) {
		if (fork() == 0) {
			struct locked key;
			struct err err;

			if (!load(*state, true, &key, &err) ||
			    write(pipes[1], key.data, SECRET_KEY_SIZE) != SECRET_KEY_SIZE)
				_exit(1);
			_exit(0);
		}
	}
	for (int i = 0; i < 8; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
		assert_int_equal(read(pipes[0], digests[i], SECRET_KEY_SIZE), SECRET_KEY_SIZE);
		assert_memory_equal(digests[i], digests[0], SECRET_KEY_SIZE);
	}
	close(pipes[0]);
	close(pipes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		folder_test(is_made_once_and_stays),
		folder_test(is_not_made_when_it_must_exist),
		folder_test(is_refused_when_others_can_read_it),
		folder_test(is_refused_when_it_was_cut_or_grew),
		folder_test(two_first_uses_at_once_end_with_one_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
