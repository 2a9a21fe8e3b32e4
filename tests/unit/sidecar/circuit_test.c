// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "sidecar/circuit.h"

enum { NOW = 5000 };

static struct circuit opened(void)
{
	struct circuit circuit = {0};

	for (int i = 1; i < CIRCUIT_FAILURES; i++)
		assert_false(circuit_failed(&circuit, false, NOW));
	assert_int_equal(circuit_ask(&circuit, NOW), CIRCUIT_PASS);
	assert_true(circuit_failed(&circuit, false, NOW));
	return circuit;
}

static void failures_in_a_row_open_it(void **state)
{
	struct circuit circuit = opened();

	(void)state;
	assert_int_equal(circuit_ask(&circuit, NOW), CIRCUIT_REFUSE);
	assert_int_equal(circuit_ask(&circuit, NOW + CIRCUIT_OPEN_MS - 1), CIRCUIT_REFUSE);
	assert_int_equal(circuit_retry_after_s(&circuit, NOW), (CIRCUIT_OPEN_MS + 999) / 1000);
	assert_int_equal(circuit_retry_after_s(&circuit, NOW + 10 * CIRCUIT_OPEN_MS), 1);
}

static void a_success_between_starts_the_count_anew(void **state)
{
	struct circuit circuit = {0};

	(void)state;
	for (int i = 0; i < 3 * CIRCUIT_FAILURES; i++) {
		assert_false(circuit_failed(&circuit, false, NOW));
		if (i % 5 == 4)
			assert_false(circuit_succeeded(&circuit));
	}
	assert_int_equal(circuit_ask(&circuit, NOW), CIRCUIT_PASS);
}

static void one_probe_at_a_time_closes_it(void **state)
{
	struct circuit circuit = opened();
	uint64_t later = NOW + CIRCUIT_OPEN_MS;

	(void)state;
	assert_int_equal(circuit_ask(&circuit, later), CIRCUIT_PROBE);
	assert_int_equal(circuit_ask(&circuit, later), CIRCUIT_REFUSE);
	assert_true(circuit_succeeded(&circuit));
	assert_int_equal(circuit_ask(&circuit, later), CIRCUIT_PASS);
	assert_false(circuit_failed(&circuit, false, later)); // the count is anew
}

static void a_probe_that_fails_keeps_it_open(void **state)
{
	struct circuit circuit = opened();
	uint64_t later = NOW + CIRCUIT_OPEN_MS;

	(void)state;
	assert_int_equal(circuit_ask(&circuit, later), CIRCUIT_PROBE);
	assert_false(circuit_failed(&circuit, true, later));
	assert_int_equal(circuit_ask(&circuit, later), CIRCUIT_REFUSE);
	assert_int_equal(circuit_ask(&circuit, later + CIRCUIT_OPEN_MS), CIRCUIT_PROBE);
}

static void a_probe_that_shows_nothing_is_followed_by_another(void **state)
{
	struct circuit circuit = opened();
	uint64_t later = NOW + CIRCUIT_OPEN_MS;

	(void)state;
	assert_int_equal(circuit_ask(&circuit, later), CIRCUIT_PROBE);
	circuit_abandoned(&circuit, false); // of one that was sent before
	assert_int_equal(circuit_ask(&circuit, later), CIRCUIT_REFUSE);
	circuit_abandoned(&circuit, true);
	assert_int_equal(circuit_ask(&circuit, later), CIRCUIT_PROBE);
}

static void what_was_sent_before_does_not_prolong_it(void **state)
{
	struct circuit circuit = opened();

	(void)state;
	assert_false(circuit_failed(&circuit, false, NOW + CIRCUIT_OPEN_MS - 1));
	assert_int_equal(circuit_ask(&circuit, NOW + CIRCUIT_OPEN_MS), CIRCUIT_PROBE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_in_a_row_open_it),
		cmocka_unit_test(a_success_between_starts_the_count_anew),
		cmocka_unit_test(one_probe_at_a_time_closes_it),
		cmocka_unit_test(a_probe_that_fails_keeps_it_open),
		cmocka_unit_test(a_probe_that_shows_nothing_is_followed_by_another),
		cmocka_unit_test(what_was_sent_before_does_not_prolong_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
