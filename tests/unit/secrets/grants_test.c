// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "secrets/grants.h"

static void finds_what_was_granted_and_nothing_else(void **state)
{
	struct grants grants = {0};
	struct err err;
	const struct grant *found;

	assert_null(grants_find(&grants, "key"));
	assert_true(grants_add(&grants, "key", "kit@0", "model_key", &err));
	assert_true(grants_add(&grants, "token", "other@1", "token", &err));
	found = grants_find(&grants, "key");
	assert_string_equal(found->kit, "kit@0");
	assert_string_equal(found->secret_name, "model_key");
	assert_null(grants_find(&grants, "model_key")); // theirs, not ours
	assert_null(grants_find(&grants, "ke"));
	assert_null(grants_find(&grants, "key "));
	assert_null(grants_find(&grants, "../key"));
	assert_null(grants_find(&grants, ""));
	grants_free(&grants);
	assert_null(grants_find(&grants, "key"));
}

static void refuses_grants_that_make_no_sense(void **state)
{
	struct grants grants = {0};
	struct err err;
	char long_name[SECRET_NAME_MAX + 2];

	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_false(grants_add(&grants, "", "kit@0", "key", &err));
	assert_false(grants_add(&grants, "key", "", "key", &err));
	assert_false(grants_add(&grants, "key", "kit@0", "", &err));
	assert_false(grants_add(&grants, long_name, "kit@0", "key", &err));
	assert_true(grants_add(&grants, long_name + 1, "kit@0", "key", &err));
	assert_false(grants_add(&grants, long_name + 1, "kit@0", "other", &err));
	assert_int_equal(err.code, ERR_PROTOCOL);
	grants_free(&grants);
}

static void has_a_maximum(void **state)
{
	struct grants grants = {0};
	struct err err;

	for (int i = 0; i < GRANTS_MAX; i++) {
		auto_free char *name = xasprintf("n%d", i);

		assert_true(grants_add(&grants, name, "kit@0", "key", &err));
	}
	assert_false(grants_add(&grants, "one_more", "kit@0", "key", &err));
	assert_int_equal(err.code, ERR_LIMIT);
	grants_free(&grants);
}

static void takes_every_name_of_a_secret(void **state)
{
	struct grants grants = {0};
	struct err err;

	assert_true(grants_add(&grants, "one", "kit@0", "key", &err));
	assert_true(grants_add(&grants, "other", "kit@1", "key", &err));
	assert_true(grants_add(&grants, "alias", "kit@0", "key", &err));
	assert_int_equal(grants_revoke(&grants, "kit@0", "key"), 2);
	assert_null(grants_find(&grants, "one"));
	assert_null(grants_find(&grants, "alias"));
	assert_non_null(grants_find(&grants, "other"));
	assert_int_equal(grants_revoke(&grants, "kit@0", "key"), 0);
	grants_free(&grants);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_granted_and_nothing_else),
		cmocka_unit_test(refuses_grants_that_make_no_sense),
		cmocka_unit_test(has_a_maximum),
		cmocka_unit_test(takes_every_name_of_a_secret),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
