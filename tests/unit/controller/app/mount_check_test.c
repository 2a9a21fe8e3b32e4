// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "controller/app/mount_check.h"

static void one_in_the_other_overlaps(void **unused)
{
	assert_true(mount_overlaps("/home/me", "/home/me/.local/state/capakit"));
	assert_true(mount_overlaps("/home/me/.local/state/capakit/layers",
				   "/home/me/.local/state/capakit"));
	assert_true(mount_overlaps("/home/me", "/home/me"));
	assert_true(mount_overlaps("/", "/home/me"));
	assert_true(mount_overlaps("/home/me", "/"));
}

static void one_beside_the_other_does_not(void **unused)
{
	assert_false(mount_overlaps("/home/me", "/home/mediator"));
	assert_false(mount_overlaps("/home/me/data", "/home/me/.local/share/capakit"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_in_the_other_overlaps),
		cmocka_unit_test(one_beside_the_other_does_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
