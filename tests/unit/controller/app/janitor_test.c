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
#include "controller/app/janitor.h"

static char folder[] = "/tmp/capakit-janitor-XXXXXX";

static bool exists(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void removes_its_folders_and_holds_the_lock_until_then(void **unused)
{
	struct err err;
	struct janitor janitor;
	assert_non_null(mkdtemp(folder));
	auto_fd int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(dir, "run", 0700) | mkdirat(dir, "run/locked", 0000), 0);
	int lock = openat(dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
	struct janitor_folder folders[] = {{.parent = dir, .name = (char[]){"run"}}};
	struct janitor_work work = {.folders = folders, .n_folders = 1, .keep = &lock, .n_keep = 1};
	assert_true(janitor_start(&janitor, &work, &err));
	close(lock);

	auto_fd int other = openat(dir, "lock", O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
	assert_true(exists(dir, "run"));
	assert_true(janitor_finish(&janitor, &err));
	assert_false(exists(dir, "run"));
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
	assert_true(janitor_finish(&janitor, &err)); // twice is fine
	assert_int_equal(unlinkat(dir, "lock", 0), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(removes_its_folders_and_holds_the_lock_until_then),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
