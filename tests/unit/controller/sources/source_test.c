// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "controller/sources/source.h"

static void refuses(const char *name, enum err_code code, const char *says)
{
	struct kit_source source;
	struct err err = {0};
	assert_false(kit_source_open(name, &source, &err));
	assert_int_equal(err.code, code);
	if (!strstr(err.text, says))
		fail_msg("%s: %s", name, err.text);
	const struct kit_source none = KIT_SOURCE_NONE;
	assert_ptr_equal(source.name, none.name);
	assert_ptr_equal(source.origin, none.origin);
	assert_ptr_equal(source.below, none.below);
	assert_ptr_equal(source.remote, none.remote);
	assert_int_equal(source.dir, none.dir);
	assert_int_equal(source.tree, none.tree);
	assert_int_equal(source.lock, none.lock);
}

static void says_what_it_cannot_open(void **unused)
{
	refuses("http://example.org/kit", ERR_USAGE, "https://");
	refuses("file:///kit#--upload-pack", ERR_USAGE, "no name of a branch");
	refuses("/nowhere/at/all", ERR_SYSTEM, "/nowhere/at/all");
	refuses("/proc/self/status", ERR_USAGE, "capability.yml");
}

/* The sandbox, in which git would run, is not beside a unit test. */
static void leaves_nothing_open_when_it_cannot_fetch(void **unused)
{
	assert_int_equal(setenv("CAPAKIT_HOME", "/dev/null/home", 1), 0);
	refuses("file:///nowhere/at/all", ERR_MISSING, "capakit-sandbox");
	assert_int_equal(unsetenv("CAPAKIT_HOME"), 0);
}

static void opens_a_folder_by_its_real_path(void **unused)
{
	char folder[] = "/tmp/capakit-source-XXXXXX";
	struct kit_source source;
	struct err err;
	assert_non_null(mkdtemp(folder));
	auto_free char *link = xasprintf("%s-link", folder);
	assert_int_equal(symlink(folder, link), 0);
	assert_true(kit_source_open(link, &source, &err));
	assert_string_equal(source.name, folder);
	kit_source_close(&source);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_it_cannot_open),
		cmocka_unit_test(leaves_nothing_open_when_it_cannot_fetch),
		cmocka_unit_test(opens_a_folder_by_its_real_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
