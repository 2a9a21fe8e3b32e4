// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "tests/unit/base/folder.h"

static int set_up(void **state)
{
	if (folder_make(state) < 0)
		return -1;
	unsetenv("CAPAKIT_HOME");
	unsetenv("XDG_RUNTIME_DIR");
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_DATA_HOME");
	return setenv("HOME", folder, 1);
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void assert_below_folder(char *path, const char *rest)
{
	auto_free char *mine = path;
	auto_free char *expected = xasprintf("%s/%s", folder, rest);

	assert_non_null(mine);
	assert_string_equal(mine, expected);
	assert_int_equal(mode_of(mine), 0700);
}

static void test_folders_of_the_user(void **state)
{
	struct err err = {0};

	assert_below_folder(path_state_dir(&err), ".local/state/capakit");
	assert_below_folder(path_data_dir(&err), ".local/share/capakit");
	setenv("XDG_STATE_HOME", folder, 1);
	assert_below_folder(path_state_dir(&err), "capakit");
	setenv("XDG_STATE_HOME", "relative/is/ignored", 1);
	assert_below_folder(path_state_dir(&err), ".local/state/capakit");
	setenv("XDG_RUNTIME_DIR", folder, 1);
	assert_below_folder(path_runtime_dir(&err), "capakit");
}

static void test_capakit_home_holds_all(void **state)
{
	auto_free char *home = xasprintf("%s/home", folder);
	auto_free char *cwd = getcwd(NULL, 0);
	struct err err = {0};

	setenv("CAPAKIT_HOME", home, 1);
	assert_below_folder(path_runtime_dir(&err), "home/run");
	assert_below_folder(path_state_dir(&err), "home/state");
	assert_below_folder(path_data_dir(&err), "home/data");
	assert_int_equal(chdir(folder), 0);
	setenv("CAPAKIT_HOME", "home", 1);
	assert_below_folder(path_data_dir(&err), "home/data");
	assert_int_equal(chdir(cwd), 0);
}

static void assert_runtime_refused(const char *part)
{
	struct err err = {0};

	assert_null(path_runtime_dir(&err));
	assert_int_equal(err.code, ERR_DENIED);
	assert_non_null(strstr(err.text, part));
}

static void test_runtime_folder_must_be_private(void **state)
{
	auto_free char *run = xasprintf("%s/run", folder);

	setenv("CAPAKIT_HOME", folder, 1);
	assert_int_equal(mkdir(run, 0700), 0);
	assert_int_equal(chmod(run, 0711), 0);
	assert_runtime_refused("chmod 700");
	assert_int_equal(rmdir(run), 0);
	assert_int_equal(symlink(".", run), 0);
	assert_runtime_refused("symbolic link");
	assert_int_equal(unlink(run), 0);
	if (geteuid() == 0) { // only root can make a folder of somebody else
		assert_int_equal(mkdir(run, 0700), 0);
		assert_int_equal(chown(run, 12345, 12345), 0);
		assert_runtime_refused("belongs to user 12345");
	}
}

static void test_make_dirs(void **state)
{
	auto_free char *path = xasprintf("%s//a/b/../b/c/", folder);
	auto_free char *file = xasprintf("%s/file", folder);
	auto_free char *below = xasprintf("%s/file/x", folder);
	mode_t mask = umask(077);
	struct err err = {0};

	assert_true(path_make_dirs(path, 0750, &err));
	assert_true(path_make_dirs(path, 0700, &err));
	umask(mask);
	assert_int_equal(mode_of(path), 0750); // made once, and whatever the umask said
	assert_true(path_write_atomic(folder_fd, "file", "", 0, 0600, &err));
	assert_false(path_make_dirs(below, 0700, &err));
	assert_non_null(strstr(err.text, "Not a directory"));
}

static void test_open_beneath(void **state)
{
	struct err err = {0};
	auto_fd int made = path_open_beneath(folder_fd, "new", O_WRONLY | O_CREAT, 0640, &err);
	auto_fd int file = path_open_beneath(folder_fd, "new", O_RDONLY, 0, &err);

	assert_true(made >= 0 && file >= 0);
	assert_int_equal(fcntl(file, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(symlinkat("new", folder_fd, "link"), 0);
	assert_int_equal(symlinkat(".", folder_fd, "here"), 0);
	assert_int_equal(path_open_beneath(folder_fd, "link", O_RDONLY, 0, &err), -1);
	assert_int_equal(path_open_beneath(folder_fd, "here/new", O_RDONLY, 0, &err), -1);
	assert_int_equal(path_open_beneath(folder_fd, "..", O_RDONLY, 0, &err), -1);
	assert_int_equal(path_open_beneath(folder_fd, "/etc/passwd", O_RDONLY, 0, &err), -1);
	assert_non_null(strstr(err.text, "/etc/passwd"));
}

static void test_open_absolute(void **state)
{
	auto_free char *plain = xasprintf("%s/plain", folder);
	auto_free char *through = xasprintf("%s/here/plain", folder);
	struct err err = {0};
	auto_fd int fd = -1;

	assert_true(path_write_atomic(folder_fd, "plain", "x", 1, 0600, &err));
	assert_int_equal(symlinkat(".", folder_fd, "here"), 0);
	fd = path_open_absolute(plain, O_RDONLY, &err);
	assert_true(fd >= 0);
	assert_int_equal(path_open_absolute(through, O_RDONLY, &err), -1);
	assert_int_equal(err.code, ERR_DENIED);
	assert_int_equal(path_open_absolute("plain", O_RDONLY, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
}

static void test_write_atomic_replaces_the_whole(void **state)
{
	auto_free char *path = xasprintf("%s/state", folder);
	auto_free char *data = NULL;
	struct err err = {0};
	auto_fd int fd = -1;
	size_t len = 0;

	assert_true(path_write_atomic(folder_fd, "state", "long content", 12, 0644, &err));
	assert_true(path_write_atomic(folder_fd, "state", "new", 3, 0600, &err));
	assert_int_equal(mode_of(path), 0600);
	fd = path_open_absolute(path, O_RDONLY, &err);
	assert_true(fd_read_all(fd, 100, &data, &len, &err));
	assert_string_equal(data, "new");
	assert_false(path_write_atomic(folder_fd, "no/such", "x", 1, 0600, &err));
	/* A failed rename leaves no temporary file: the folder cannot be replaced by a file. */
	assert_int_equal(mkdirat(folder_fd, "dir", 0700), 0);
	assert_false(path_write_atomic(folder_fd, "dir", "x", 1, 0600, &err));
	assert_int_equal(unlinkat(folder_fd, "dir", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(folder_fd, "state", 0), 0);
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(mkdir(folder, 0700), 0);
}

static void test_programs(void **state)
{
	struct err err = {0};
	auto_free char *dir = path_program_dir(&err);
	auto_free char *beside = path_helper_program("test_base_path", &err);

	assert_non_null(dir);
	assert_int_equal(dir[0], '/');
	assert_non_null(beside);
	assert_int_equal(access(beside, X_OK), 0);
	assert_null(path_helper_program("no-such-program", &err));
	assert_int_equal(err.code, ERR_MISSING);
	assert_non_null(strstr(err.text, "libexec/capakit"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_folders_of_the_user, set_up, folder_remove),
		cmocka_unit_test_setup_teardown(test_capakit_home_holds_all, set_up, folder_remove),
		cmocka_unit_test_setup_teardown(test_runtime_folder_must_be_private, set_up,
						folder_remove),
		cmocka_unit_test_setup_teardown(test_make_dirs, set_up, folder_remove),
		cmocka_unit_test_setup_teardown(test_open_beneath, set_up, folder_remove),
		cmocka_unit_test_setup_teardown(test_open_absolute, set_up, folder_remove),
		cmocka_unit_test_setup_teardown(test_write_atomic_replaces_the_whole, set_up,
						folder_remove),
		cmocka_unit_test(test_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
