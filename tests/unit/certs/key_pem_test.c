// SPDX-License-Identifier: GPL-3.0-or-later
/* The pair of RFC 8410, section 10, and what people give by mistake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "certs/key_pem.h"
#include "certs/tls.h"

#define PRIVATE_BODY "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"
#define PUBLIC_BODY "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
#define PEM(label, body) "-----BEGIN " label "-----\n" body "\n-----END " label "-----\n"

static struct key *read_private(const char *text, struct err *err)
{
	return key_read_pem(text, strlen(text), err);
}

static bool read_public(const char *text, uint8_t key[KEY_PUBLIC_SIZE], struct err *err)
{
	return key_read_public_pem(text, strlen(text), key, err);
}

static void the_pair_of_the_rfc(void **unused)
{
	uint8_t public[KEY_PUBLIC_SIZE];
	struct err err;
	struct key *key = read_private(PEM("PRIVATE KEY", PRIVATE_BODY), &err);
	assert_non_null(key);
	assert_true(read_public("anything before\n" PEM("PUBLIC KEY", PUBLIC_BODY), public, &err));
	assert_memory_equal(key_public(key), public, KEY_PUBLIC_SIZE);
	key_free(&key);
}

static void what_is_made_is_read(void **unused)
{
	char private[KEY_PEM_MAX], public[KEY_PEM_MAX];
	uint8_t other_half[KEY_PUBLIC_SIZE];
	struct err err;
	assert_true(key_make_pem(private, public, &err));
	struct key *key = read_private(private, &err);
	assert_non_null(key);
	assert_true(read_public(public, other_half, &err));
	assert_memory_equal(key_public(key), other_half, KEY_PUBLIC_SIZE);
	key_free(&key);
}

static void two_are_not_the_same(void **unused)
{
	char private[2][KEY_PEM_MAX], public[2][KEY_PEM_MAX];
	struct err err;
	for (int i = 0; i < 2; i++)
		assert_true(key_make_pem(private[i], public[i], &err));
	assert_string_not_equal(private[0], private[1]);
	assert_string_not_equal(public[0], public[1]);
}

static void says_what_it_is_instead(void **unused)
{
	static const char *const WRONG[][2] = {
		{PEM("PUBLIC KEY", PUBLIC_BODY), "it is a public key"},
		{PEM("ENCRYPTED PRIVATE KEY", "AAAA"), "encrypted"},
		{PEM("OPENSSH PRIVATE KEY", "AAAA"), "ssh"},
		{PEM("RSA PRIVATE KEY", "AAAA"), "-----BEGIN PRIVATE KEY-----"},
		{"", "-----BEGIN PRIVATE KEY-----"},
		{"-----BEGIN PRIVATE KEY-----\n" PRIVATE_BODY, "-----BEGIN PRIVATE KEY-----"},
		{PEM("PRIVATE KEY", "MC4CAQAwBQYDK2V"), "no Ed25519 key"},
		{PEM("PRIVATE KEY", PRIVATE_BODY "AAAA"), "no Ed25519 key"},
		{PEM("PRIVATE KEY", "*" PRIVATE_BODY), "no Ed25519 key"},
		/* X25519: one byte of its name differs */
		{PEM("PRIVATE KEY",
		     "MC4CAQAwBQYDK2VuBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"),
		 "no Ed25519 key"},
	};
	for (size_t i = 0; i < array_len(WRONG); i++) {
		struct err err = {0};
		assert_null(read_private(WRONG[i][0], &err));
		assert_int_equal(err.code, ERR_USAGE);
		if (!strstr(err.text, WRONG[i][1]))
			fail_msg("'%s' is not in: %s", WRONG[i][1], err.text);
	}
}

static void a_private_key_is_no_public_one(void **unused)
{
	uint8_t key[KEY_PUBLIC_SIZE];
	struct err err;
	assert_false(read_public(PEM("PRIVATE KEY", PRIVATE_BODY), key, &err));
	assert_non_null(strstr(err.text, "it is a private key"));
}

int main(void)
{
	struct err err;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pair_of_the_rfc),
		cmocka_unit_test(what_is_made_is_read),
		cmocka_unit_test(two_are_not_the_same),
		cmocka_unit_test(says_what_it_is_instead),
		cmocka_unit_test(a_private_key_is_no_public_one),
	};
	return tls_init(&err) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
