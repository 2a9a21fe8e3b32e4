// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "sidecar/places.h"

static void without_a_bound_nobody_waits(void **state)
{
	struct places places = {.max = 0};

	(void)state;
	for (int i = 0; i < 10000; i++)
		assert_int_equal(places_enter(&places), PLACES_GO);
	places_left(&places);
	assert_false(places_next(&places));
}

static void those_beyond_wait_and_go_as_places_are_left(void **state)
{
	struct places places = {.max = 2};

	(void)state;
	assert_int_equal(places_enter(&places), PLACES_GO);
	assert_int_equal(places_enter(&places), PLACES_GO);
	assert_int_equal(places_enter(&places), PLACES_WAIT);
	assert_int_equal(places_enter(&places), PLACES_WAIT);
	assert_false(places_next(&places));
	places_left(&places);
	assert_true(places_next(&places));
	assert_false(places_next(&places));
	assert_int_equal(places.waiting, 1);
	assert_int_equal(places.taken, 2);
}

static void nobody_overtakes(void **state)
{
	struct places places = {.max = 1};

	(void)state;
	assert_int_equal(places_enter(&places), PLACES_GO);
	assert_int_equal(places_enter(&places), PLACES_WAIT);
	places_left(&places);
	assert_int_equal(places_enter(&places), PLACES_WAIT);
	assert_true(places_next(&places));
	assert_false(places_next(&places));
}

static void the_queue_is_bounded(void **state)
{
	struct places places = {.max = 1};

	(void)state;
	assert_int_equal(places_enter(&places), PLACES_GO);
	for (int i = 0; i < CONNECTION_QUEUE_MAX; i++)
		assert_int_equal(places_enter(&places), PLACES_WAIT);
	assert_int_equal(places_enter(&places), PLACES_FULL);
	places_gave_up(&places);
	assert_int_equal(places_enter(&places), PLACES_WAIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_bound_nobody_waits),
		cmocka_unit_test(those_beyond_wait_and_go_as_places_are_left),
		cmocka_unit_test(nobody_overtakes),
		cmocka_unit_test(the_queue_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
