// SPDX-License-Identifier: GPL-3.0-or-later
// What no rule allows is refused, what one allows works, for every kernel version that is asked.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/landlock.h"
#include "base/mem.h"

static char folder[] = "/tmp/landlock_test.XXXXXX";

static char *path_of(const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

static int try_open(const char *name, int flags)
{
	auto_free char *path = path_of(name);
	auto_fd int fd = open(path, flags | O_CLOEXEC, 0600);

	return fd < 0 ? errno : 0;
}

/* In a child: 0 when all is as it should be, else which step was not. */
static int confined(void)
{
	struct err err;
	struct landlock_handled handled = {
		.fs = LANDLOCK_ALL_FILES, .net = LANDLOCK_BIND_TCP, .scoped = LANDLOCK_SIGNAL};
	auto_fd int rules = landlock_open(&handled, &err);
	auto_free char *path = path_of("open");
	auto_free char *single = path_of("shut/single");
	auto_fd int allowed = open(path, O_PATH | O_CLOEXEC);
	auto_fd int file = open(single, O_PATH | O_CLOEXEC);

	if (rules < 0 || allowed < 0 || file < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 1;
	if (!(handled.fs & LANDLOCK_EXECUTE) || handled.fs & ~(uint64_t)LANDLOCK_ALL_FILES)
		return 2;
	if (!landlock_allow(rules, &handled, allowed,
			    LANDLOCK_READ_FILE | LANDLOCK_READ_DIR | LANDLOCK_WRITE_FILE, "open",
			    &err) ||
	    // The rights of folders are left out for a file: the kernel would refuse them.
	    !landlock_allow(rules, &handled, file, LANDLOCK_ALL_FILES, "single", &err))
		return 3;
	if (try_open("shut/file", O_RDONLY) != 0 || !landlock_apply(rules, &err))
		return 4;
	if (try_open("open/file", O_RDWR) != 0 || try_open("shut/single", O_RDWR) != 0)
		return 5;
	if (try_open("open/new", O_RDWR | O_CREAT) != EACCES)
		return 6;
	if (try_open("shut/file", O_RDONLY) != EACCES || try_open("shut", O_RDONLY) != EACCES)
		return 7;
	return kill(getppid(), 0) == 0 && handled.scoped ? 8 : 0;
}

static void test_only_what_is_allowed(void **state)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(confined());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_a_bad_descriptor_is_named(void **state)
{
	struct err err;
	struct landlock_handled handled = {.fs = LANDLOCK_ALL_FILES};
	auto_fd int rules = landlock_open(&handled, &err);

	assert_true(landlock_version(&err) >= 1);
	assert_false(landlock_allow(rules, &handled, -1, LANDLOCK_READ_FILE, "the name", &err));
	assert_non_null(strstr(err.text, "the name"));
	assert_false(landlock_apply(-1, &err));
}

static int make_folders(void **state)
{
	static const char *const names[] = {"open/file", "shut/file", "shut/single"};

	assert_non_null(mkdtemp(folder));
	auto_free char *allowed = path_of("open");
	auto_free char *shut = path_of("shut");
	assert_int_equal(mkdir(allowed, 0700) | mkdir(shut, 0700), 0);
	for (size_t i = 0; i < array_len(names); i++)
		assert_int_equal(try_open(names[i], O_RDWR | O_CREAT), 0);
	return 0;
}

static int remove_folders(void **state)
{
	static const char *const names[] = {"open/file", "shut/file", "shut/single", "open",
					    "shut"};

	for (size_t i = 0; i < array_len(names); i++) {
		auto_free char *path = path_of(names[i]);
		assert_int_equal(remove(path), 0);
	}
	return remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_is_allowed),
		cmocka_unit_test(test_a_bad_descriptor_is_named),
	};

	return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
