// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "capakit/control/v1/control.pb-c.h"
#include "proto/grpc_frame.h"

enum { MESSAGE_MAX = 64 };

/* Feeds the bytes in pieces of `step`; the verdict is that of the first piece refused. */
static enum grpc_status read_all(const char *bytes, size_t len, size_t step)
{
	struct grpc_verdict verdict = {GRPC_OK, NULL};
	struct grpc_reader reader;

	grpc_reader_init(&reader, MESSAGE_MAX);
	for (size_t at = 0; at < len && verdict.status == GRPC_OK; at += step)
		verdict = grpc_reader_feed(&reader, (const uint8_t *)bytes + at,
					   len - at < step ? len - at : step);
	if (verdict.status == GRPC_OK)
		verdict = grpc_reader_finish(&reader);
	grpc_reader_free(&reader);
	assert_true(verdict.status == GRPC_OK || verdict.text);
	return verdict.status;
}

#define assert_reads(bytes, expected)                                                              \
	for (size_t step = 1; step <= sizeof(bytes); step++)                                       \
	assert_int_equal(read_all(bytes, sizeof(bytes) - 1, step), expected)

static void test_one_message_is_read_in_any_pieces(void **state)
{
	assert_reads("\0\0\0\0\3abc", GRPC_OK);
	assert_reads("\0\0\0\0\0", GRPC_OK);
}

static void test_bad_framing_is_refused(void **state)
{
	assert_reads("", GRPC_UNIMPLEMENTED);
	assert_reads("\0\0\0", GRPC_INTERNAL);
	assert_reads("\0\0\0\0\3ab", GRPC_INTERNAL);
	assert_reads("\0\0\0\0\3abcd", GRPC_UNIMPLEMENTED);
	assert_reads("\0\0\0\0\0\0\0\0\0\0", GRPC_UNIMPLEMENTED);
	assert_reads("\1\0\0\0\3abc", GRPC_UNIMPLEMENTED);
	assert_reads("\2\0\0\0\3abc", GRPC_INTERNAL);
}

static void test_a_length_over_the_maximum_is_refused_before_its_bytes_come(void **state)
{
	assert_reads("\0\0\0\0\x41", GRPC_RESOURCE_EXHAUSTED);
	assert_reads("\0\xff\xff\xff\xff", GRPC_RESOURCE_EXHAUSTED);
	assert_reads("\0\x80\0\0\0", GRPC_RESOURCE_EXHAUSTED);
}

static void test_a_message_is_framed(void **state)
{
	Capakit__Control__V1__StopRequest stop = CAPAKIT__CONTROL__V1__STOP_REQUEST__INIT;
	auto_buf struct buf out;
	auto_buf struct buf small;

	stop.grace_ms = 5;
	buf_init(&out, 7);
	buf_init(&small, 6);
	assert_true(grpc_frame_append(&out, &stop.base));
	assert_int_equal(buf_len(&out), 7);
	assert_memory_equal(buf_bytes(&out), "\0\0\0\0\2\x08\x05", 7);
	assert_false(grpc_frame_append(&small, &stop.base));
	assert_int_equal(buf_len(&small), 0);
}

static void test_timeouts(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t ms;
	} CASES[] = {
		{"1H", true, 3600000},
		{"2M", true, 120000},
		{"3S", true, 3000},
		{"4m", true, 4},
		{"1u", true, 1},
		{"1500u", true, 2},
		{"1n", true, 1},
		{"0m", true, 0},
		{"00000007S", true, 7000},
		{"99999999H", true, 359999996400000},
		{"", false, 0},
		{"1", false, 0},
		{"m", false, 0},
		{"123456789m", false, 0},
		{"-1m", false, 0},
		{"1x", false, 0},
		{"1 m", false, 0},
	};

	for (size_t i = 0; i < array_len(CASES); i++) {
		uint64_t ms = 0;

		assert_int_equal(grpc_timeout_parse(CASES[i].text, strlen(CASES[i].text), &ms),
				 CASES[i].ok);
		assert_int_equal(ms, CASES[i].ms);
	}
}

static void assert_message(const char *plain, const char *encoded)
{
	auto_buf struct buf out;
	auto_free char *text = NULL;
	auto_free char *back = NULL;

	buf_init(&out, 200);
	grpc_message_encode(&out, plain);
	text = buf_take_str(&out);
	assert_string_equal(text, encoded);
	grpc_message_decode(&out, encoded, strlen(encoded));
	back = buf_take_str(&out);
	assert_string_equal(back, plain);
}

static void test_status_texts_are_percent_encoded(void **state)
{
	assert_message("plain text ~", "plain text ~");
	assert_message("100% \r\n", "100%25 %0D%0A");
	assert_message("gr\xc3\xbc", "gr%C3%BC");
}

static void test_broken_percent_encoding_stays_as_it_is(void **state)
{
	auto_buf struct buf out;
	auto_free char *text = NULL;

	buf_init(&out, 200);
	grpc_message_decode(&out, "%zz%4", 5);
	text = buf_take_str(&out);
	assert_string_equal(text, "%zz%4");
}

static void test_content_types(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} CASES[] = {
		{"application/grpc", true},
		{"application/grpc+proto", true},
		{"application/grpc;charset=utf-8", true},
		{"application/grpc+json", false},
		{"application/grpcx", false},
		{"application/grp", false},
		{"text/html", false},
		{"", false},
	};

	for (size_t i = 0; i < array_len(CASES); i++)
		assert_int_equal(grpc_content_type_ok(CASES[i].text, strlen(CASES[i].text)),
				 CASES[i].ok);
}

static void test_statuses(void **state)
{
	unsigned status = 77;

	assert_true(grpc_status_parse("0", 1, &status));
	assert_int_equal(status, 0);
	assert_true(grpc_status_parse("16", 2, &status));
	assert_int_equal(status, 16);
	assert_false(grpc_status_parse("-1", 2, &status));
	assert_false(grpc_status_parse("100", 3, &status));
	assert_false(grpc_status_parse("", 0, &status));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_message_is_read_in_any_pieces),
		cmocka_unit_test(test_bad_framing_is_refused),
		cmocka_unit_test(test_a_length_over_the_maximum_is_refused_before_its_bytes_come),
		cmocka_unit_test(test_a_message_is_framed),
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_status_texts_are_percent_encoded),
		cmocka_unit_test(test_broken_percent_encoding_stays_as_it_is),
		cmocka_unit_test(test_content_types),
		cmocka_unit_test(test_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
