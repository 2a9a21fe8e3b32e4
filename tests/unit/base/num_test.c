// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "base/num.h"

static bool u64(const char *text, uint64_t max, uint64_t *value)
{
	return num_parse_u64(text, strlen(text), max, value);
}

static bool hex(const char *text, uint64_t max, uint64_t *value)
{
	return num_parse_hex(text, strlen(text), max, value);
}

static void test_decimal(void **state)
{
	static const char *const BAD[] = {"",
					  "+5",
					  "-1",
					  " 5",
					  "5 ",
					  "05",
					  "00",
					  "0x5",
					  "5,5",
					  "5a",
					  "1_0",
					  "18446744073709551616",
					  "99999999999999999999999"};
	uint64_t value = 99;

	for (size_t i = 0; i < array_len(BAD); i++)
		assert_false(u64(BAD[i], UINT64_MAX, &value));
	assert_false(num_parse_u64("5\0", 2, UINT64_MAX, &value));
	assert_false(u64("65536", 65535, &value));
	assert_int_equal(value, 99);
	assert_true(u64("0", 10, &value));
	assert_int_equal(value, 0);
	assert_true(u64("65535", 65535, &value));
	assert_int_equal(value, 65535);
	assert_true(u64("18446744073709551615", UINT64_MAX, &value));
	assert_true(value == UINT64_MAX);
}

static void test_hexadecimal(void **state)
{
	static const char *const BAD[] = {"", "0x5", "g", "5 ", "-1", "+1", "10000000000000000"};
	uint64_t value = 99;

	for (size_t i = 0; i < array_len(BAD); i++)
		assert_false(hex(BAD[i], UINT64_MAX, &value));
	assert_false(hex("100", 255, &value));
	assert_int_equal(value, 99);
	assert_true(hex("00fF", UINT64_MAX, &value));
	assert_int_equal(value, 255);
	assert_true(hex("ffffffffffffffff", UINT64_MAX, &value));
	assert_true(value == UINT64_MAX);
}

static void test_sizes(void **state)
{
	static const char *const BAD[] = {"",	 "B",	   "MiB",	  "1 MiB", "1MB",  "1mib",
					  "-1B", "1.5GiB", "16777216TiB", "01KiB", "1KiBx"};
	uint64_t bytes = 99;

	for (size_t i = 0; i < array_len(BAD); i++)
		assert_false(num_parse_size(BAD[i], &bytes));
	assert_int_equal(bytes, 99);
	assert_true(num_parse_size("64MiB", &bytes));
	assert_int_equal(bytes, 64 << 20);
	assert_true(num_parse_size("512KiB", &bytes));
	assert_int_equal(bytes, 512 << 10);
	assert_true(num_parse_size("1GiB", &bytes));
	assert_int_equal(bytes, 1 << 30);
	assert_true(num_parse_size("100B", &bytes));
	assert_int_equal(bytes, 100);
	assert_true(num_parse_size("4096", &bytes));
	assert_int_equal(bytes, 4096);
}

static void test_durations(void **state)
{
	static const char *const BAD[] = {
		"", "5", "s", "1.5s", "5 s", "5S", "1d", "-5s", "18446744073709551615h"};
	uint64_t ms = 99;

	for (size_t i = 0; i < array_len(BAD); i++)
		assert_false(num_parse_duration(BAD[i], &ms));
	assert_int_equal(ms, 99);
	assert_true(num_parse_duration("250ms", &ms));
	assert_int_equal(ms, 250);
	assert_true(num_parse_duration("60s", &ms));
	assert_int_equal(ms, 60000);
	assert_true(num_parse_duration("5m", &ms));
	assert_int_equal(ms, 300000);
	assert_true(num_parse_duration("1h", &ms));
	assert_int_equal(ms, 3600000);
}

static void test_writing(void **state)
{
	static const struct {
		uint64_t value;
		const char *digits;
	} cases[] = {
		{0, "0"}, {9, "9"}, {10, "10"}, {404, "404"}, {UINT64_MAX, "18446744073709551615"}};

	for (size_t i = 0; i < array_len(cases); i++) {
		char digits[NUM_U64_DIGITS];
		size_t n = num_put_u64(digits, cases[i].value);

		assert_int_equal(n, strlen(cases[i].digits));
		assert_memory_equal(digits, cases[i].digits, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decimal), cmocka_unit_test(test_hexadecimal),
		cmocka_unit_test(test_sizes),	cmocka_unit_test(test_durations),
		cmocka_unit_test(test_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
