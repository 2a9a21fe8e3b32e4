// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "controller/app/backoff.h"
#include "controller/app/exit_text.h"

static void delays_double_up_to_a_maximum(void **unused)
{
	assert_int_equal(backoff_delay_ms(0), BACKOFF_FIRST_MS);
	assert_int_equal(backoff_delay_ms(1), 2 * BACKOFF_FIRST_MS);
	assert_int_equal(backoff_delay_ms(4), 16 * BACKOFF_FIRST_MS);
	assert_int_equal(backoff_delay_ms(12), BACKOFF_MAX_MS);
	assert_int_equal(backoff_delay_ms(4000000000u), BACKOFF_MAX_MS);
}

static void says_how_a_process_ended(void **unused)
{
	char text[EXIT_TEXT_MAX];
	exit_text(3 << 8, text);
	assert_string_equal(text, "exited with status 3");
	exit_text(9, text);
	assert_string_equal(text, "was ended by signal 9 (Killed)");
	exit_text((128 + 11) << 8, text);
	assert_string_equal(text, "was ended by signal 11 (Segmentation fault)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delays_double_up_to_a_maximum),
		cmocka_unit_test(says_how_a_process_ended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
