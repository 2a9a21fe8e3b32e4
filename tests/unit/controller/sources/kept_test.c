// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/sources/kept.h"
#include "controller/store/store.h"

static void keep(int state, const char *key)
{
	struct store_draft draft;
	struct err err;
	auto_fd int lock = store_lock_shared(state, &err);
	assert_true(store_draft_open(&draft, state, STORE_SOURCE, &err));
	assert_int_equal(mkdirat(draft.folder, "tree", 0755), 0);
	assert_true(store_draft_publish(&draft, key, "a", "b", &err));
}

static void is_kept_by_where_it_came_from_and_its_version(void **unused)
{
	static const struct {
		enum kit_source_kind kind;
		const char *origin, *version;
	} others[] = {
		{KIT_SOURCE_GIT, "https://a", "2"},
		{KIT_SOURCE_GIT, "https://b", "1"},
		{KIT_SOURCE_GIT, "https://a1", ""},
		{KIT_SOURCE_ARCHIVE, "https://a", "1"},
	};
	char folder[] = "/tmp/capakit-kept-XXXXXX", key[SHA256_HEX], other[SHA256_HEX];
	int lock = -1;
	struct err err;
	assert_non_null(mkdtemp(folder));
	auto_fd int state = open(folder, O_RDONLY | O_DIRECTORY);

	kept_key(KIT_SOURCE_GIT, "https://a", "1", key);
	assert_int_equal(kept_open(state, key, &lock), -1);
	assert_int_equal(lock, -1);
	keep(state, key);
	auto_fd int tree = kept_open(state, key, &lock);
	assert_true(tree >= 0 && lock >= 0);
	for (size_t i = 0; i < array_len(others); i++) {
		kept_key(others[i].kind, others[i].origin, others[i].version, other);
		assert_int_equal(kept_open(state, other, &lock), -1);
	}

	fd_close(&lock);
	lock = store_lock_exclusive(state, &err);
	assert_true(lock >= 0 && store_discard(state, STORE_SOURCE, key, &err));
	fd_close(&lock);
	assert_int_equal(kept_open(state, key, &lock), -1);
	auto_fd int tmp = open("/tmp", O_RDONLY | O_DIRECTORY);
	assert_true(path_remove_tree(tmp, folder + strlen("/tmp/"), &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_kept_by_where_it_came_from_and_its_version),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
