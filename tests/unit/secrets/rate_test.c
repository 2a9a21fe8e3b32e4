// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "secrets/rate.h"

static unsigned take_all(struct rate *rate, uint64_t now_ms)
{
	unsigned taken = 0;

	while (rate_take(rate, now_ms))
		taken++;
	return taken;
}

static void gives_a_burst_and_then_a_steady_pace(void **state)
{
	struct rate rate = {.burst = 5, .per_second = 10};

	assert_int_equal(take_all(&rate, 1000), 5);
	assert_int_equal(take_all(&rate, 1000), 0);
	assert_int_equal(take_all(&rate, 1099), 0);
	assert_int_equal(take_all(&rate, 1100), 1);
	assert_int_equal(take_all(&rate, 1350), 2);
	assert_int_equal(take_all(&rate, 1400), 1); // what was left over counts
}

static void never_holds_more_than_the_burst(void **state)
{
	struct rate rate = {.burst = 3, .per_second = 10};

	assert_true(rate_is_full(&rate, 0));
	assert_int_equal(take_all(&rate, 0), 3);
	assert_false(rate_is_full(&rate, 299));
	assert_true(rate_is_full(&rate, 300));
	assert_int_equal(take_all(&rate, UINT64_MAX / 1000), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_a_burst_and_then_a_steady_pace),
		cmocka_unit_test(never_holds_more_than_the_burst),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
