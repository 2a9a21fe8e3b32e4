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
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "tests/unit/base/folder.h"

static void test_close_and_take(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int taken = take_fd(&fd);

	assert_int_equal(fd, -1);
	assert_true(fcntl(taken, F_GETFD) >= 0);
	fd = taken;
	errno = EPERM;
	fd_close(&fd);
	assert_int_equal(errno, EPERM);
	assert_int_equal(fd, -1);
	assert_int_equal(fcntl(taken, F_GETFD), -1);
	fd_close(&fd);
}

static void test_read_all_has_a_maximum(void **state)
{
	struct err err = {0};
	auto_free char *data = NULL;
	auto_fd int fd = fd_sealed("test", "0123456789", 10, &err);
	size_t len = 0;

	assert_true(fd >= 0);
	assert_false(fd_read_all(fd, 9, &data, &len, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_true(fd_read_all(fd, 10, &data, &len, &err));
	assert_int_equal(len, 10);
	assert_string_equal(data, "0123456789");
}

static void test_sealed_files_cannot_change(void **state)
{
	struct err err = {0};
	auto_fd int fd = fd_sealed("test", "abc", 3, &err);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(ftruncate(fd, 9), -1);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

/* More than a socket buffer holds: the writer waits for the reader. */
static void test_write_all_waits_for_a_slow_reader(void **state)
{
	enum { SIZE = 2 * 1024 * 1024 };
	auto_free char *data = xcalloc(1, SIZE);
	auto_free char *back = NULL;
	struct err err = {0};
	size_t len = 0;
	int pair[2];
	pid_t pid;

	assert_true(fd_socket_pair(SOCK_STREAM, pair, &err));
	pid = fork();
	if (pid == 0) {
		fd_close(&pair[0]);
		_exit(fd_write_all(pair[1], data, SIZE, &err) ? 0 : 1);
	}
	fd_close(&pair[1]);
	assert_int_equal(fcntl(pair[0], F_SETFL, 0), 0);
	assert_true(fd_read_all(pair[0], SIZE, &back, &len, &err));
	assert_int_equal(len, SIZE);
	fd_close(&pair[0]);
}

static void test_socket_pairs_do_not_block(void **state)
{
	struct err err = {0};
	int pair[2];
	char byte;

	assert_true(fd_socket_pair(SOCK_SEQPACKET, pair, &err));
	assert_int_equal(read(pair[0], &byte, 1), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(fcntl(pair[0], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_true(fd_set_nonblocking(pair[1], &err));
	fd_close(&pair[0]);
	assert_false(fd_set_nonblocking(pair[0], &err));
	fd_close(&pair[1]);
}

static void test_listen_and_connect_by_folder(void **state)
{
	struct err err = {0};
	auto_free char *cwd = getcwd(NULL, 0);
	auto_free char *after = NULL;
	auto_fd int listener = fd_listen_unix(folder_fd, "a.sock", 0660, 8, &err);
	auto_fd int client = fd_connect_unix(folder_fd, "a.sock", &err);
	auto_fd int server = accept(listener, NULL, NULL);
	struct stat st;

	assert_true(client >= 0 && server >= 0);
	assert_int_equal(fstatat(folder_fd, "a.sock", &st, 0), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0660);
	after = getcwd(NULL, 0);
	assert_string_equal(cwd, after);
	assert_int_equal(fd_listen_unix(folder_fd, "a.sock", 0660, 8, &err), -1);
	assert_non_null(strstr(err.text, "a.sock"));
	assert_int_equal(unlinkat(folder_fd, "a.sock", 0), 0);
}

static void test_connect_by_working_folder(void **state)
{
	struct err err = {0};
	auto_free char *path = xasprintf("%s/b.sock", folder);
	auto_fd int listener = fd_listen_unix(AT_FDCWD, path, 0600, 8, &err);
	auto_fd int client = fd_connect_unix(AT_FDCWD, path, &err);

	assert_true(listener >= 0 && client >= 0);
	assert_int_equal(unlink(path), 0);
}

static void test_socket_names_are_checked(void **state)
{
	char name[200] = {0};
	struct err err = {0};

	memset(name, 'n', sizeof(name) - 1);
	assert_int_equal(fd_connect_unix(folder_fd, name, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(fd_connect_unix(folder_fd, "", &err), -1);
	assert_int_equal(fd_connect_unix(folder_fd, "none.sock", &err), -1);
	assert_int_equal(err.code, ERR_SYSTEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_close_and_take),
		cmocka_unit_test(test_read_all_has_a_maximum),
		cmocka_unit_test(test_sealed_files_cannot_change),
		cmocka_unit_test(test_write_all_waits_for_a_slow_reader),
		cmocka_unit_test(test_socket_pairs_do_not_block),
		cmocka_unit_test(test_listen_and_connect_by_folder),
		cmocka_unit_test(test_connect_by_working_folder),
		cmocka_unit_test(test_socket_names_are_checked),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
