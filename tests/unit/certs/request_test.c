// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "certs/profile.h"
#include "certs/request.h"
#include "certs/tls.h"

static struct key *key;
static struct buf request;

static int set_up(void **state)
{
	struct err err;
	buf_init(&request, 4096);
	if (!tls_init(&err) || !(key = key_new(&err)))
		return -1;
	return request_write(key, &request, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
	key_free(&key);
	buf_free(&request);
	return 0;
}

static bool reads(const void *der, size_t len, const uint8_t **public_key)
{
	struct err err;
	return request_read(der, len, public_key, &err);
}

static void test_round_trip(void **state)
{
	const uint8_t *public_key;
	assert_true(reads(buf_bytes(&request), buf_len(&request), &public_key));
	assert_memory_equal(public_key, key_public(key), KEY_PUBLIC_SIZE);
}

static void test_every_changed_byte_is_refused(void **state)
{
	const uint8_t *public_key;
	uint8_t *der = buf_bytes(&request);
	for (size_t i = 0; i < buf_len(&request); i++) {
		der[i] ^= 0x80;
		assert_false(reads(der, buf_len(&request), &public_key));
		der[i] ^= 0x80;
	}
}

static void test_every_cut_is_refused(void **state)
{
	const uint8_t *public_key;
	for (size_t len = 0; len < buf_len(&request); len++) {
		uint8_t *exact = memcpy(xmalloc(len + 1), buf_bytes(&request), len);
		assert_false(reads(exact, len, &public_key));
		free(exact);
	}
}

static void test_bytes_behind_it_are_refused(void **state)
{
	const uint8_t *public_key;
	uint8_t more[4096];
	memcpy(more, buf_bytes(&request), buf_len(&request));
	more[buf_len(&request)] = 0;
	assert_false(reads(more, buf_len(&request) + 1, &public_key));
	assert_false(reads(more, sizeof(more), &public_key));
}

/* A good request of somebody else, with the own key put in its place. */
static void test_proof_of_possession(void **state)
{
	struct err err;
	const uint8_t *public_key;
	struct key *other = key_new(&err);
	auto_buf struct buf stolen;
	buf_init(&stolen, 4096);
	assert_true(request_write(other, &stolen, &err));
	uint8_t *at =
		memmem(buf_bytes(&stolen), buf_len(&stolen), key_public(other), KEY_PUBLIC_SIZE);
	assert_non_null(at);
	memcpy(at, key_public(key), KEY_PUBLIC_SIZE);
	assert_false(request_read(buf_bytes(&stolen), buf_len(&stolen), &public_key, &err));
	assert_int_equal(err.code, ERR_DENIED);
	key_free(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_every_changed_byte_is_refused),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_bytes_behind_it_are_refused),
		cmocka_unit_test(test_proof_of_possession),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
