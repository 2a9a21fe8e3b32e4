// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/fd.h"
#include "secrets/private.h"
#include "tests/unit/secrets/folder.h"

static void makes_a_folder_for_this_user_alone(void **state)
{
	auto_free char *path = NULL;
	auto_fd int fd = -1;
	struct stat st;
	struct err err;

	umask(0);
	fd = private_folder(*state, "secrets", &path, &err);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void refuses_a_folder_that_others_may_enter(void **state)
{
	auto_free char *path = xasprintf("%s/secrets", (char *)*state);
	struct err err;

	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, 0750), 0);
	assert_int_equal(private_folder(*state, "secrets", NULL, &err), -1);
	assert_int_equal(err.code, ERR_DENIED);
	assert_non_null(strstr(err.text, "chmod 0700"));
}

static void refuses_a_symlink(void **state)
{
	auto_free char *path = xasprintf("%s/secrets", (char *)*state);
	struct err err;

	assert_int_equal(symlink("/tmp", path), 0);
	assert_int_equal(private_folder(*state, "secrets", NULL, &err), -1);
}

static void refuses_a_file_that_others_can_read(void **state)
{
	auto_free char *path = xasprintf("%s/file", (char *)*state);
	auto_fd int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct err err;

	assert_true(private_file_check(fd, path, &err));
	assert_int_equal(fchmod(fd, 0640), 0);
	assert_false(private_file_check(fd, path, &err));
	assert_int_equal(err.code, ERR_DENIED);
}

static void refuses_a_file_of_somebody_else(void **state)
{
	auto_free char *path = xasprintf("%s/file", (char *)*state);
	auto_fd int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct err err;

	if (geteuid() == 0) // who can give a file away; for others /etc/passwd is such a file
		assert_int_equal(fchown(fd, 65534, 65534), 0);
	else
		assert_int_equal(dup2(open("/etc/passwd", O_RDONLY), fd), fd);
	assert_false(private_file_check(fd, path, &err));
	assert_non_null(strstr(err.text, "belongs to user"));
	assert_int_equal(err.code, ERR_DENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		folder_test(makes_a_folder_for_this_user_alone),
		folder_test(refuses_a_folder_that_others_may_enter),
		folder_test(refuses_a_symlink),
		folder_test(refuses_a_file_that_others_can_read),
		folder_test(refuses_a_file_of_somebody_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
