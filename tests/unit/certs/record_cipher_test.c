// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "certs/record_cipher.h"
#include "certs/tls.h"

static int set_up(void **state)
{
	struct err err;
	return tls_init(&err) ? 0 : -1;
}

/* Test case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", appendix B. */
static const uint8_t KEY[] = {0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f,
			      0x94, 0x67, 0x30, 0x83, 0x08, 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65,
			      0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08};
static const uint8_t NONCE[] = {0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce,
				0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88};
static const uint8_t HEADER[] = {0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xfe, 0xed,
				 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xab, 0xad, 0xda, 0xd2};
static const uint8_t PLAIN[] = {
	0xd9, 0x31, 0x32, 0x25, 0xf8, 0x84, 0x06, 0xe5, 0xa5, 0x59, 0x09, 0xc5, 0xaf, 0xf5, 0x26,
	0x9a, 0x86, 0xa7, 0xa9, 0x53, 0x15, 0x34, 0xf7, 0xda, 0x2e, 0x4c, 0x30, 0x3d, 0x8a, 0x31,
	0x8a, 0x72, 0x1c, 0x3c, 0x0c, 0x95, 0x95, 0x68, 0x09, 0x53, 0x2f, 0xcf, 0x0e, 0x24, 0x49,
	0xa6, 0xb5, 0x25, 0xb1, 0x6a, 0xed, 0xf5, 0xaa, 0x0d, 0xe6, 0x57, 0xba, 0x63, 0x7b, 0x39};
static const uint8_t SEALED[] = {
	0x52, 0x2d, 0xc1, 0xf0, 0x99, 0x56, 0x7d, 0x07, 0xf4, 0x7f, 0x37, 0xa3, 0x2a, 0x84, 0x42,
	0x7d, 0x64, 0x3a, 0x8c, 0xdc, 0xbf, 0xe5, 0xc0, 0xc9, 0x75, 0x98, 0xa2, 0xbd, 0x25, 0x55,
	0xd1, 0xaa, 0x8c, 0xb0, 0x8e, 0x48, 0x59, 0x0d, 0xbb, 0x3d, 0xa7, 0xb0, 0x8b, 0x10, 0x56,
	0x82, 0x88, 0x38, 0xc5, 0xf6, 0x1e, 0x63, 0x93, 0xba, 0x7a, 0x0a, 0xbc, 0xc9, 0xf6, 0x62};
static const uint8_t TAG[] = {0x76, 0xfc, 0x6e, 0xce, 0x0f, 0x4e, 0x17, 0x68,
			      0xcd, 0xdf, 0x88, 0x53, 0xbb, 0x2d, 0x55, 0x1b};

static struct record_job job(const void *in, void *out, uint8_t *tag)
{
	return (struct record_job){.key = KEY,
				   .nonce = NONCE,
				   .header = HEADER,
				   .header_len = sizeof(HEADER),
				   .in = in,
				   .out = out,
				   .len = sizeof(PLAIN),
				   .tag = tag};
}

static void test_known_answer(void **state)
{
	struct record_cipher cipher = {0};
	uint8_t out[sizeof(PLAIN)], tag[RECORD_TAG_SIZE];
	struct record_job seal = job(PLAIN, out, tag);
	assert_true(record_seal(&cipher, &seal));
	assert_memory_equal(out, SEALED, sizeof(SEALED));
	assert_memory_equal(tag, TAG, sizeof(TAG));
	struct record_job open = job(out, out, tag); // in place
	assert_true(record_open(&cipher, &open));
	assert_memory_equal(out, PLAIN, sizeof(PLAIN));
	record_cipher_clear(&cipher);
}

static void test_forgery_leaves_nothing(void **state)
{
	static const uint8_t zeroes[sizeof(PLAIN)];
	struct record_cipher cipher = {0};
	uint8_t out[sizeof(PLAIN)], tag[RECORD_TAG_SIZE];
	memcpy(tag, TAG, sizeof(tag));
	tag[15] ^= 1;
	struct record_job open = job(SEALED, out, tag);
	assert_false(record_open(&cipher, &open));
	assert_memory_equal(out, zeroes, sizeof(zeroes));
	record_cipher_clear(&cipher);
}

/* The key is compared each time: another one under the same cipher is another cipher. */
static void test_key_change_is_seen(void **state)
{
	struct record_cipher cipher = {0};
	uint8_t out[sizeof(PLAIN)], tag[RECORD_TAG_SIZE], other[RECORD_KEY_SIZE];
	memcpy(other, KEY, sizeof(other));
	other[31] ^= 1;
	struct record_job seal = job(PLAIN, out, tag);
	seal.key = other;
	assert_true(record_seal(&cipher, &seal));
	assert_memory_not_equal(out, SEALED, sizeof(SEALED));
	seal.key = KEY;
	assert_true(record_seal(&cipher, &seal));
	assert_memory_equal(out, SEALED, sizeof(SEALED));
	record_cipher_clear(&cipher);
}

static void test_clear_wipes_keys(void **state)
{
	static const struct record_cipher empty;
	struct record_cipher cipher = {0};
	uint8_t out[sizeof(PLAIN)], tag[RECORD_TAG_SIZE];
	struct record_job seal = job(PLAIN, out, tag);
	assert_true(record_seal(&cipher, &seal));
	record_cipher_clear(&cipher);
	assert_memory_equal(&cipher, &empty, sizeof(empty));
	record_cipher_clear(&cipher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answer),
		cmocka_unit_test(test_forgery_leaves_nothing),
		cmocka_unit_test(test_key_change_is_seen),
		cmocka_unit_test(test_clear_wipes_keys),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
