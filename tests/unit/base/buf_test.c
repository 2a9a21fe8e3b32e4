// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

static void test_append_and_consume(void **state)
{
	auto_buf struct buf buf;

	buf_init(&buf, 100);
	assert_true(buf_append_str(&buf, "hello "));
	assert_true(buf_printf(&buf, "%d", 42));
	assert_int_equal(buf_len(&buf), 8);
	assert_memory_equal(buf_bytes(&buf), "hello 42", 8);
	buf_consume(&buf, 6);
	assert_memory_equal(buf_bytes(&buf), "42", 2);
	buf_consume(&buf, 2);
	assert_int_equal(buf_len(&buf), 0);
	assert_int_equal(buf_room(&buf), 100);
}

static void test_over_the_maximum_changes_nothing(void **state)
{
	auto_buf struct buf buf;

	buf_init(&buf, 4);
	assert_true(buf_append(&buf, "abc", 3));
	assert_false(buf_append(&buf, "de", 2));
	assert_false(buf_printf(&buf, "%s", "de"));
	assert_null(buf_reserve(&buf, 2));
	assert_int_equal(buf_len(&buf), 3);
	assert_memory_equal(buf_bytes(&buf), "abc", 3);
	assert_true(buf_append(&buf, "d", 1));
	assert_non_null(buf_reserve(&buf, 0));
	assert_false(buf_append(&buf, "e", 1));
}

static void test_a_maximum_of_zero(void **state)
{
	auto_buf struct buf buf;

	buf_init(&buf, 0);
	assert_non_null(buf_bytes(&buf));
	assert_non_null(buf_reserve(&buf, 0));
	assert_true(buf_append(&buf, NULL, 0));
	assert_false(buf_append(&buf, "a", 1));
}

/* A queue that is always nearly full: every byte comes out in order, memory stays bounded. */
static void test_bytes_keep_their_order(void **state)
{
	enum { MAX = 1000 };
	auto_buf struct buf buf;
	uint8_t in = 0;
	uint8_t out = 0;

	buf_init(&buf, MAX);
	for (unsigned round = 0; round < 20000; round++) {
		for (unsigned i = 0; i < 1 + round % 7 && buf_room(&buf); i++) {
			assert_true(buf_append(&buf, &in, 1));
			in++;
		}
		for (unsigned i = 0; i < 1 + round % 5 && buf_len(&buf); i++) {
			assert_int_equal(*buf_bytes(&buf), out);
			buf_consume(&buf, 1);
			out++;
		}
	}
	assert_true(buf.cap <= MAX + MAX / 4);
}

static void test_reserve_and_commit(void **state)
{
	auto_buf struct buf buf;
	uint8_t *room;

	buf_init(&buf, 10000);
	room = buf_reserve(&buf, 9000);
	assert_non_null(room);
	memset(room, 'x', 9000);
	buf_commit(&buf, 5);
	assert_int_equal(buf_len(&buf), 5);
	assert_memory_equal(buf_bytes(&buf), "xxxxx", 5);
}

static void test_shrink(void **state)
{
	auto_buf struct buf buf;

	buf_init(&buf, 10000);
	assert_non_null(buf_reserve(&buf, 5000));
	assert_true(buf_append(&buf, "a", 1));
	buf_shrink(&buf, 1000);
	assert_true(buf.cap >= 5000);
	buf_clear(&buf);
	buf_shrink(&buf, 1 << 20);
	assert_true(buf.cap >= 5000);
	buf_shrink(&buf, 1000);
	assert_int_equal(buf.cap, 0);
	assert_true(buf_append(&buf, "b", 1));
}

static void test_take_str(void **state)
{
	auto_buf struct buf buf;
	auto_free char *empty = NULL;
	auto_free char *text = NULL;

	buf_init(&buf, 5);
	empty = buf_take_str(&buf);
	assert_string_equal(empty, "");
	assert_true(buf_append_str(&buf, "abcde"));
	buf_consume(&buf, 2);
	text = buf_take_str(&buf);
	assert_string_equal(text, "cde");
	assert_int_equal(buf_len(&buf), 0);
	assert_true(buf_append_str(&buf, "again"));
}

static void test_freeing_twice(void **state)
{
	struct buf buf;

	buf_init(&buf, 10);
	assert_true(buf_append_str(&buf, "x"));
	buf_free(&buf);
	buf_free(&buf);
	assert_int_equal(buf_len(&buf), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append_and_consume),
		cmocka_unit_test(test_over_the_maximum_changes_nothing),
		cmocka_unit_test(test_a_maximum_of_zero),
		cmocka_unit_test(test_bytes_keep_their_order),
		cmocka_unit_test(test_reserve_and_commit),
		cmocka_unit_test(test_shrink),
		cmocka_unit_test(test_take_str),
		cmocka_unit_test(test_freeing_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
