// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gcrypt.h>
#include <string.h>

#include "base/sha256.h"

static void hash_of(const char *text, size_t times, char hex[SHA256_HEX])
{
	struct sha256 *hash = sha256_new();

	for (size_t i = 0; i < times; i++)
		sha256_add(hash, text, strlen(text));
	sha256_finish_hex(&hash, hex);
	assert_null(hash);
}

/* FIPS 180-4 example values. */
static void test_known_answers(void **state)
{
	char hex[SHA256_HEX];

	hash_of("", 1, hex);
	assert_string_equal(hex,
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	hash_of("abc", 1, hex);
	assert_string_equal(hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_of("a", 1000000, hex);
	assert_string_equal(hex,
			    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void fields_of(const char *first, const char *second, char hex[SHA256_HEX])
{
	struct sha256 *hash = sha256_new();

	sha256_add_field(hash, first);
	sha256_add_field(hash, second);
	sha256_finish_hex(&hash, hex);
}

static void test_fields_do_not_run_together(void **state)
{
	char one[SHA256_HEX];
	char two[SHA256_HEX];

	fields_of("ab", "c", one);
	fields_of("a", "bc", two);
	assert_string_not_equal(one, two);
	fields_of(NULL, "x", one);
	fields_of("", "x", two);
	assert_string_equal(one, two);
}

/* A digest comes first in some processes; locked memory must still be possible after it. */
static void test_secure_memory_is_still_possible(void **state)
{
	char hex[SHA256_HEX];
	void *secret;

	hash_of("abc", 1, hex);
	assert_false(gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P));
	assert_int_equal(gcry_control(GCRYCTL_INIT_SECMEM, 16384, 0), 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	secret = gcry_malloc_secure(32);
	assert_non_null(secret);
	assert_true(gcry_is_secure(secret));
	gcry_free(secret);
	hash_of("abc", 1, hex);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secure_memory_is_still_possible),
		cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_fields_do_not_run_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
