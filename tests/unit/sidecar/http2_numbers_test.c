// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sidecar/http2_numbers.h"

static void used_ones_may_come_again(void **state)
{
	struct h2_numbers numbers = {0};

	for (uint32_t i = 1; i < 2000; i += 2)
		assert_true(h2_numbers_take(&numbers, i));
	for (uint32_t i = 1; i < 2000; i += 2)
		assert_true(h2_numbers_take(&numbers, i));
	assert_int_equal(numbers.n_skipped, 0);
}

static void skipped_ones_may_not(void **state)
{
	struct h2_numbers numbers = {0};

	assert_true(h2_numbers_take(&numbers, 3));
	assert_false(h2_numbers_take(&numbers, 1));
	assert_true(h2_numbers_take(&numbers, 3));
	assert_true(h2_numbers_take(&numbers, 5));
	assert_true(h2_numbers_take(&numbers, 101));
	assert_false(h2_numbers_take(&numbers, 7));
	assert_false(h2_numbers_take(&numbers, 99));
	assert_true(h2_numbers_take(&numbers, 5));
	assert_true(h2_numbers_take(&numbers, INT32_MAX));
	assert_false(h2_numbers_take(&numbers, INT32_MAX - 2));
}

static void of_many_gaps_the_latest_are_known(void **state)
{
	struct h2_numbers numbers = {0};

	for (uint32_t i = 3; i < 4000; i += 4) // each other one is skipped
		assert_true(h2_numbers_take(&numbers, i));
	assert_true(h2_numbers_take(&numbers, 1)); // forgotten
	for (uint32_t i = 0; i < H2_SKIPPED_MAX; i++)
		assert_false(h2_numbers_take(&numbers, numbers.last - 2 - 4 * i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(used_ones_may_come_again),
		cmocka_unit_test(skipped_ones_may_not),
		cmocka_unit_test(of_many_gaps_the_latest_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
