// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "controller/store/cache.h"

static const struct cache_age old = {.before_ms = 1000}, everything = {.all = true};

static void what_is_old_may_go(void **unused)
{
	struct cache_entry entry = {.whole = true, .record.used_ms = 999};
	assert_true(cache_may_go(&entry, &old));
	entry.record.used_ms = 1000;
	assert_false(cache_may_go(&entry, &old));
	assert_true(cache_may_go(&entry, &everything));
}

static void what_is_not_whole_may_go_at_once(void **unused)
{
	struct cache_entry entry = {.whole = false, .record.used_ms = 2000};
	assert_true(cache_may_go(&entry, &old));
}

static void what_is_in_use_never_may(void **unused)
{
	struct cache_entry entry = {.whole = true, .in_use = true};
	assert_false(cache_may_go(&entry, &old));
	assert_false(cache_may_go(&entry, &everything));
	entry.whole = false;
	assert_false(cache_may_go(&entry, &everything));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_old_may_go),
		cmocka_unit_test(what_is_not_whole_may_go_at_once),
		cmocka_unit_test(what_is_in_use_never_may),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
