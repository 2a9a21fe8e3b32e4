// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/app/exec_guard.h"

struct folder {
	char path[32];
	int fd;
};

static struct folder folder;
static char *said;

static int make_folder(void **state)
{
	snprintf(folder.path, sizeof(folder.path), "/tmp/exec-guard.XXXXXX");
	if (!mkdtemp(folder.path))
		return -1;
	folder.fd = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	said = xstrdup("");
	return folder.fd < 0;
}

static int remove_folder(void **state)
{
	struct err err;
	auto_fd int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd_close(&folder.fd);
	free(said);
	return !path_remove_tree(parent, folder.path + strlen("/tmp/"), &err);
}

static void make(const char *name)
{
	auto_fd int fd = openat(folder.fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
}

static bool is_there(const char *name)
{
	struct stat st;
	return fstatat(folder.fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void on_removed(void *owner, const char *path)
{
	auto_free char *before = said;
	said = xasprintf("%s%s ", before, path);
}

static void sweep(const struct exec_guard *guard)
{
	struct err err;
	if (!exec_guard_sweep(guard, folder.fd, on_removed, NULL, &err))
		fail_msg("%s", err.text);
}

static void names(void **state)
{
	static const char *const guarded[] = {
		".git",	       ".env",		 ".env.local",	       ".envrc",
		"bunfig.toml", "capability.yml", "capability-test.yml"};
	static const char *const free_ones[] = {
		".github",	".gitignore",	     "env", "a.env", "bunfig",
		"package.json", "capability.yml.bak"};
	for (size_t i = 0; i < array_len(guarded); i++)
		assert_true(exec_guard_names(guarded[i]));
	for (size_t i = 0; i < array_len(free_ones); i++)
		assert_false(exec_guard_names(free_ones[i]));
}

static void what_was_there_stays(void **state)
{
	struct exec_guard guard = {0};
	struct err err;
	make(".env");
	assert_int_equal(mkdirat(folder.fd, "a", 0755), 0);
	make("a/bunfig.toml");
	assert_true(exec_guard_find(&guard, folder.fd, &err));
	assert_int_equal(guard.n, 2);
	assert_int_equal(renameat(folder.fd, "a", folder.fd, "b"), 0);
	sweep(&guard);
	assert_string_equal(said, "");
	assert_true(is_there(".env"));
	assert_true(is_there("b/bunfig.toml"));
	exec_guard_free(&guard);
}

static void what_is_new_goes(void **state)
{
	const struct exec_guard none = {0};
	assert_int_equal(mkdirat(folder.fd, "a", 0755), 0);
	assert_int_equal(mkdirat(folder.fd, "a/.git", 0755), 0);
	make("a/.git/config");
	assert_int_equal(mkdirat(folder.fd, "node_modules", 0755), 0);
	make("node_modules/.env");
	assert_int_equal(symlinkat("/etc/passwd", folder.fd, "a/.env"), 0);
	assert_int_equal(symlinkat("/", folder.fd, "root"), 0); // is not followed
	make("a/kept");
	assert_int_equal(fchmodat(folder.fd, "a", 0, 0), 0);
	sweep(&none);
	assert_non_null(strstr(said, "a/.git "));
	assert_non_null(strstr(said, "a/.env "));
	assert_false(is_there("a/.git"));
	assert_false(is_there("a/.env"));
	assert_true(is_there("a/kept"));
	assert_true(is_there("node_modules/.env"));
}

static void what_cannot_be_kept_is_refused(void **state)
{
	struct exec_guard guard = {0};
	struct err err;
	char name[32];
	assert_int_equal(symlinkat("elsewhere", folder.fd, ".env"), 0);
	assert_false(exec_guard_find(&guard, folder.fd, &err));
	assert_non_null(strstr(err.text, ".env is a symlink"));
	assert_int_equal(unlinkat(folder.fd, ".env", 0), 0);
	exec_guard_free(&guard);
	for (int i = 0; i <= EXEC_GUARDED_MAX; i++) {
		snprintf(name, sizeof(name), ".env.%d", i);
		make(name);
	}
	assert_false(exec_guard_find(&guard, folder.fd, &err));
	exec_guard_free(&guard);
	assert_int_equal(unlinkat(folder.fd, ".env.0", 0), 0);
	assert_true(exec_guard_find(&guard, folder.fd, &err));
	assert_int_equal(guard.n, EXEC_GUARDED_MAX);
	exec_guard_free(&guard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test_setup_teardown(what_was_there_stays, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(what_is_new_goes, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(what_cannot_be_kept_is_refused, make_folder,
						remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
