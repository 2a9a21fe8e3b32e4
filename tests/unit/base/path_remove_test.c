// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "tests/unit/base/folder.h"

static void make_file(const char *name)
{
	auto_fd int fd = openat(folder_fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
}

static void make_dir(const char *name)
{
	assert_int_equal(mkdirat(folder_fd, name, 0700), 0);
}

static bool is_there(const char *name)
{
	return faccessat(folder_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void test_what_is_not_there(void **state)
{
	struct err err = {0};

	assert_true(path_remove_tree(folder_fd, "nothing", &err));
}

static void test_symlinks_are_not_followed(void **state)
{
	struct err err = {0};

	make_dir("keep");
	make_file("keep/file");
	make_dir("tree");
	make_dir("tree/empty");
	make_file("tree/file");
	assert_int_equal(symlinkat("../keep", folder_fd, "tree/link"), 0);
	assert_int_equal(symlinkat("keep", folder_fd, "top"), 0);
	assert_true(path_remove_tree(folder_fd, "tree", &err));
	assert_true(path_remove_tree(folder_fd, "top", &err));
	assert_false(is_there("tree"));
	assert_false(is_there("top"));
	assert_true(is_there("keep/file"));
}

static void test_folders_that_deny_their_owner(void **state)
{
	struct err err = {0};

	make_dir("tree");
	make_dir("tree/closed");
	make_file("tree/closed/file");
	assert_int_equal(fchmodat(folder_fd, "tree/closed", 0, 0), 0);
	assert_int_equal(fchmodat(folder_fd, "tree", 0500, 0), 0);
	assert_true(path_remove_tree(folder_fd, "tree", &err));
	assert_false(is_there("tree"));
}

/* Deeper than there are descriptors for one a level, and than any path may be long. */
static void test_deep_nesting(void **state)
{
	enum { DEPTH = 2000 };
	struct err err = {0};
	auto_fd int dir = fcntl(folder_fd, F_DUPFD_CLOEXEC, 0);

	for (int i = 0; i < DEPTH; i++) {
		int next;

		assert_int_equal(mkdirat(dir, "d", 0700), 0);
		assert_int_equal(mkdirat(dir, ".removing-0", 0700), 0);
		next = openat(dir, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (i % 100 == 50)
			assert_int_equal(fchmod(dir, 0500), 0);
		fd_close(&dir);
		dir = next;
	}
	assert_true(path_remove_tree(folder_fd, "d", &err));
	assert_false(is_there("d"));
}

static void test_many_entries(void **state)
{
	struct err err = {0};

	make_dir("tree");
	for (int i = 0; i < 3000; i++) {
		auto_free char *name = xasprintf("tree/%d", i);

		make_file(name);
	}
	assert_true(path_remove_tree(folder_fd, "tree", &err));
	assert_false(is_there("tree"));
}

static bool put(const char *path, const char *text)
{
	auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	struct err err;

	return fd >= 0 && fd_write_all(fd, text, strlen(text), &err);
}

/* Without a mapping nothing can be made on a file system of one's own. */
static bool map_own_user(unsigned user, unsigned group)
{
	auto_free char *users = xasprintf("%u %u 1", user, user);
	auto_free char *groups = xasprintf("%u %u 1", group, group);

	return put("/proc/self/uid_map", users) && put("/proc/self/setgroups", "deny") &&
	       put("/proc/self/gid_map", groups);
}

static bool own_mounts(void)
{
	unsigned user = geteuid();
	unsigned group = getegid();

	if (unshare(user ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS) < 0 ||
	    (user && !map_own_user(user, group)))
		return false;
	return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* In a child with its own mounts: 0 refused as it should be, 1 not, 77 no namespaces here. */
static int try_with_a_mount(void)
{
	auto_free char *tree = xasprintf("%s/tree", folder);
	auto_free char *point = xasprintf("%s/tree/point", folder);
	auto_free char *kept = xasprintf("%s/tree/point/file", folder);
	auto_fd int inside = -1;
	struct err err = {0};
	struct stat st;

	if (!own_mounts() || mount("none", point, "tmpfs", 0, NULL) < 0 || mkdir(kept, 0700) < 0)
		return 77;
	/* The descriptor of before sees the mounts of before. */
	inside = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (path_remove_tree(inside, "tree", &err) || err.code != ERR_DENIED)
		return 1;
	return stat(kept, &st) == 0 ? 0 : 1;
}

static void test_mounts_are_not_crossed(void **state)
{
	int status = 0;
	pid_t pid;

	make_dir("tree");
	make_dir("tree/point");
	pid = fork();
	if (pid == 0)
		_exit(try_with_a_mount());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		puts("# skip: no user namespaces here");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_not_there, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_symlinks_are_not_followed, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(test_folders_that_deny_their_owner, folder_make,
						folder_remove),
		cmocka_unit_test_setup_teardown(test_deep_nesting, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_many_entries, folder_make, folder_remove),
		cmocka_unit_test_setup_teardown(test_mounts_are_not_crossed, folder_make,
						folder_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
