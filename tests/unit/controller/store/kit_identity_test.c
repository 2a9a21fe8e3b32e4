// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "controller/store/kit_identity.h"

static bool same(const char *name_a, enum kit_source_kind kind_a, const char *source_a,
		 const char *name_b, enum kit_source_kind kind_b, const char *source_b)
{
	auto_free char *a = kit_identity(name_a, kind_a, source_a);
	auto_free char *b = kit_identity(name_b, kind_b, source_b);

	return str_eq(a, b);
}

/* Written down, since a change would lose everybody's secrets. */
static void stays_what_it_was(void **state)
{
	auto_free char *folder = kit_identity("newsroom", KIT_SOURCE_FOLDER, "/srv/newsroom");

	assert_string_equal(folder, "newsroom@1f9f256a4209f669");
}

static void tells_kits_apart(void **state)
{
	const char *url = "https://example.org/kit";

	assert_true(same("a", KIT_SOURCE_FOLDER, "/x", "a", KIT_SOURCE_FOLDER, "/x"));
	assert_false(same("a", KIT_SOURCE_FOLDER, "/x", "b", KIT_SOURCE_FOLDER, "/x"));
	assert_false(same("a", KIT_SOURCE_FOLDER, "/x", "a", KIT_SOURCE_FOLDER, "/y"));
	assert_false(same("a", KIT_SOURCE_FOLDER, url, "a", KIT_SOURCE_GIT, url));
	assert_false(same("a", KIT_SOURCE_GIT, "0a", "a", KIT_SOURCE_ARCHIVE, "0a"));
}

static void a_git_ref_does_not_count(void **state)
{
	assert_true(same("a", KIT_SOURCE_GIT, "https://example.org/kit#v1", "a", KIT_SOURCE_GIT,
			 "https://example.org/kit"));
	assert_false(same("a", KIT_SOURCE_GIT, "https://example.org/kit", "a", KIT_SOURCE_GIT,
			  "https://example.org/kit2"));
	assert_false(same("a", KIT_SOURCE_FOLDER, "/x#1", "a", KIT_SOURCE_FOLDER, "/x"));
}

static void a_folder_is_its_real_path(void **state)
{
	char folder[] = "/tmp/capakit-identity-XXXXXX";
	auto_free char *link = NULL, *direct = NULL, *through = NULL;
	struct err err;

	assert_non_null(mkdtemp(folder));
	link = xasprintf("%s-link", folder);
	assert_int_equal(symlink(folder, link), 0);
	direct = kit_identity("a", KIT_SOURCE_FOLDER, folder);
	through = kit_identity_of_folder("a", link, &err);
	assert_string_equal(direct, through);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(rmdir(folder), 0);
	assert_null(kit_identity_of_folder("a", folder, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stays_what_it_was),
		cmocka_unit_test(tells_kits_apart),
		cmocka_unit_test(a_git_ref_does_not_count),
		cmocka_unit_test(a_folder_is_its_real_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
