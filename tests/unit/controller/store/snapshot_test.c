// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/store/snapshot.h"

static char folder[] = "/tmp/capakit-snapshot-XXXXXX";
static int kit = -1, state = -1;

static void put(const char *name, const char *text, mode_t mode)
{
	auto_fd int fd = openat(kit, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	struct err err;
	assert_true(fd >= 0 && fd_write_all(fd, text, strlen(text), &err));
	assert_int_equal(fchmod(fd, mode), 0);
}

static int set_up(void **unused)
{
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	assert_non_null(mkdtemp(folder));
	auto_fd int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mkdirat(dir, "kit", 0755);
	mkdirat(dir, "state", 0700);
	kit = openat(dir, "kit", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	state = openat(dir, "state", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	put("capability.yml", "version: '1'\n", 0644);
	mkdirat(kit, "src", 0755);
	put("src/run.sh", "#!/bin/sh\n", 0755);
	return 0;
}

static int tear_down(void **unused)
{
	struct err err;
	auto_fd int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd_close(&kit);
	fd_close(&state);
	return !path_remove_tree(tmp, folder + strlen("/tmp/"), &err);
}

static void take(char digest[SHA256_HEX])
{
	struct err err = {0};
	if (!snapshot_take(kit, state, "kit@1", digest, &err))
		fail_msg("%s", err.text);
}

static bool has(const char *digest, const char *name, struct stat *st)
{
	auto_free char *path = xasprintf("snapshots/%s/tree/%s", digest, name);
	return fstatat(state, path, st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void copies_files_and_keeps_what_is_runnable(void **unused)
{
	char digest[SHA256_HEX];
	struct stat st;
	take(digest);
	assert_true(has(digest, "capability.yml", &st));
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_true(has(digest, "src/run.sh", &st));
	assert_int_equal(st.st_mode & 0777, 0755);
}

static void leaves_out_what_must_not_be_seen(void **unused)
{
	char digest[SHA256_HEX];
	struct stat st;
	mkdirat(kit, ".git", 0755);
	mkdirat(kit, "src/node_modules", 0755);
	put(".env", "TOKEN=1", 0600);
	put("src/.env.local", "TOKEN=1", 0600);
	take(digest);
	assert_false(has(digest, ".git", &st));
	assert_false(has(digest, "src/node_modules", &st));
	assert_false(has(digest, ".env", &st));
	assert_false(has(digest, "src/.env.local", &st));
}

static void same_content_same_digest(void **unused)
{
	char first[SHA256_HEX], second[SHA256_HEX];
	take(first);
	put(".env", "ignored", 0600);
	take(second);
	assert_string_equal(first, second);
}

static void every_change_changes_the_digest(void **unused)
{
	char digests[5][SHA256_HEX];
	take(digests[0]);
	put("src/run.sh", "#!/bin/sh\ntrue\n", 0755);
	take(digests[1]);
	put("src/run.sh", "#!/bin/sh\ntrue\n", 0644);
	take(digests[2]);
	assert_int_equal(renameat(kit, "src/run.sh", kit, "src/ran.sh"), 0);
	take(digests[3]);
	assert_int_equal(symlinkat("ran.sh", kit, "src/run.sh"), 0);
	take(digests[4]);
	for (int i = 0; i < 5; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(digests[i], digests[j]);
}

static void keeps_symlinks_as_symlinks(void **unused)
{
	char digest[SHA256_HEX];
	struct stat st;
	assert_int_equal(symlinkat("/etc/shadow", kit, "src/link"), 0);
	take(digest);
	assert_true(has(digest, "src/link", &st));
	assert_true(S_ISLNK(st.st_mode));
}

static void refuses_a_pipe(void **unused)
{
	char digest[SHA256_HEX];
	struct err err = {0};
	assert_int_equal(mkfifoat(kit, "src/pipe", 0644), 0);
	assert_false(snapshot_take(kit, state, "kit@1", digest, &err));
	assert_non_null(strstr(err.text, "src/pipe"));
}

static void refuses_folders_without_end(void **unused)
{
	char digest[SHA256_HEX];
	struct err err = {0};
	auto_fd int at = dup(kit);
	for (unsigned i = 0; i <= SNAPSHOT_DEPTH_MAX; i++) {
		assert_int_equal(mkdirat(at, "d", 0755), 0);
		int below = openat(at, "d", O_PATH | O_DIRECTORY | O_CLOEXEC);
		assert_true(below >= 0);
		fd_close(&at);
		at = below;
	}
	assert_false(snapshot_take(kit, state, "kit@1", digest, &err));
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(copies_files_and_keeps_what_is_runnable, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(leaves_out_what_must_not_be_seen, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(refuses_folders_without_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(same_content_same_digest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_change_changes_the_digest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keeps_symlinks_as_symlinks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_a_pipe, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
