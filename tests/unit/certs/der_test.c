// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "certs/der.h"

static int set_up(void **state)
{
	return 0;
}

static void takes(const char *bytes, size_t len, size_t content)
{
	struct der in = {(const uint8_t *)bytes, len}, value;
	assert_true(der_take(&in, DER_OCTET_STRING, &value));
	assert_int_equal(value.left, content);
	assert_int_equal(in.left, 0);
}

static void refuses(const char *bytes, size_t len)
{
	struct der in = {(const uint8_t *)bytes, len};
	assert_false(der_take(&in, DER_OCTET_STRING, NULL));
	assert_int_equal(in.left, len);
}

#define REFUSES(bytes) refuses(bytes, sizeof(bytes) - 1)

static void test_lengths(void **state)
{
	static char large[4 + 0x100] = "\x04\x82\x01\x00";
	takes("\x04\x00", 2, 0);
	takes("\x04\x02xy", 4, 2);
	takes(large, sizeof(large), 0x100);
	large[1] = (char)0x81;
	large[2] = (char)0xff;
	takes(large, 3 + 0xff, 0xff);
}

static void test_refuses_bad_lengths(void **state)
{
	static char padded[200] = "\x04\x81\x7f", padded_long[300] = "\x04\x82\x00\xff";
	REFUSES("");
	REFUSES("\x04");
	REFUSES("\x04\x02x"); // cut off
	REFUSES("\x04\x81");
	REFUSES("\x04\x82\x01");
	REFUSES("\x04\x80\x00\x00"); // indefinite
	REFUSES("\x04\x83\x00\x00\x01x");
	REFUSES("\x04\xff");
	refuses(padded, sizeof(padded)); // not the shortest form
	refuses(padded_long, sizeof(padded_long));
	REFUSES("\x05\x00"); // another tag
}

static bool reads_time(uint8_t tag, const char *text, time_t *value)
{
	auto_buf struct buf out;
	buf_init(&out, 100);
	assert_true(der_put(&out, tag, text, strlen(text)));
	struct der in = {buf_bytes(&out), buf_len(&out)};
	return der_take_time(&in, value);
}

static void test_times(void **state)
{
	static const time_t values[] = {0, 1700000000, 2524607999, 2524608000, 4102444800};
	time_t value;
	for (size_t i = 0; i < array_len(values); i++) {
		auto_buf struct buf out;
		buf_init(&out, 100);
		assert_true(der_put_time(&out, values[i]));
		struct der in = {buf_bytes(&out), buf_len(&out)};
		assert_int_equal(in.at[0], values[i] < 2524608000 ? 0x17 : 0x18);
		assert_true(der_take_time(&in, &value));
		assert_int_equal(value, values[i]);
	}
	assert_true(reads_time(DER_UTC_TIME, "240229000000Z", &value));
	assert_true(reads_time(DER_UTC_TIME, "991231235959Z", &value));
	assert_int_equal(value, 946684799);
}

static void test_refuses_bad_times(void **state)
{
	static const char *const bad[] = {"230229000000Z", "231301000000Z", "230001000000Z",
					  "230100000000Z", "230101240000Z", "230101006000Z",
					  "230101000060Z", "2301010000Z",   "230101000000+0000",
					  "230101000000z", "23010100000aZ", "+30101000000Z"};
	time_t value;
	for (size_t i = 0; i < array_len(bad); i++)
		assert_false(reads_time(DER_UTC_TIME, bad[i], &value));
	assert_false(reads_time(DER_GENERALIZED_TIME, "20230101000000Z", &value)); // is a UTCTime
	assert_false(reads_time(DER_GENERALIZED_TIME, "20550101000000.5Z", &value));
}

static void test_nesting_closes_to_shortest_lengths(void **state)
{
	static const size_t sizes[] = {0, 0x7d, 0x7e, 0x80, 0xfc, 0xfd, 0xff, 0x100, 0xfff0};
	static const uint8_t data[0x10000];
	for (size_t i = 0; i < array_len(sizes); i++) {
		auto_buf struct buf out;
		struct der list, value;
		buf_init(&out, sizeof(data) + 100);
		size_t mark = der_open(&out, DER_SEQUENCE);
		assert_true(der_put(&out, DER_OCTET_STRING, data, sizes[i]));
		assert_true(der_close(&out, mark));
		struct der in = {buf_bytes(&out), buf_len(&out)};
		assert_true(der_take(&in, DER_SEQUENCE, &list));
		assert_int_equal(in.left, 0);
		assert_true(der_take(&list, DER_OCTET_STRING, &value));
		assert_int_equal(value.left, sizes[i]);
		assert_int_equal(list.left, 0);
	}
}

static void test_writing_over_the_maximum_fails(void **state)
{
	auto_buf struct buf out;
	buf_init(&out, 10);
	size_t mark = der_open(&out, DER_SEQUENCE);
	assert_false(der_put(&out, DER_OCTET_STRING, "0123456789", 10));
	assert_int_not_equal(mark, SIZE_MAX);
	buf_clear(&out);
	assert_true(buf_append(&out, "01234567", 8));
	assert_int_equal(der_open(&out, DER_SEQUENCE), SIZE_MAX);
	assert_false(der_close(&out, SIZE_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_refuses_bad_lengths),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_refuses_bad_times),
		cmocka_unit_test(test_nesting_closes_to_shortest_lengths),
		cmocka_unit_test(test_writing_over_the_maximum_fails),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
