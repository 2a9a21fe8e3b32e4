// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Where keys are in this process' memory, by looking at all of it. Not built with a sanitizer,
 * whose own memory is too large to be looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/ed25519.h>

#include "base/mem.h"
#include "certs/identity_parts.h"
#include "certs/tls_parts.h"
#include "pair.h"

#define KEY_SIZE 32
#define MASK 0xa5

static struct authority *authority;
static uint8_t wanted[KEY_SIZE]; // masked, so as not to be found itself

static int set_up(void **state)
{
	struct err err;
	if (!tls_init(&err))
		return -1;
	authority = test_authority();
	return 0;
}

static int tear_down(void **state)
{
	authority_free(&authority);
	return 0;
}

static void look_for(const void *key)
{
	for (size_t i = 0; i < KEY_SIZE; i++)
		wanted[i] = ((const uint8_t *)key)[i] ^ MASK;
}

static size_t found_between(const uint8_t *at, const uint8_t *end)
{
	size_t found = 0;
	for (; end - at >= KEY_SIZE; at++) {
		size_t same = 0;
		while (same < KEY_SIZE && (at[same] ^ MASK) == wanted[same])
			same++;
		found += same == KEY_SIZE;
	}
	return found;
}

static size_t found(void)
{
	char line[512], mode[8];
	size_t count = 0;
	uintptr_t from, to;
	FILE *maps = fopen("/proc/self/maps", "re");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 && str_starts(mode, "rw"))
			count += found_between((const uint8_t *)from, (const uint8_t *)to);
	fclose(maps);
	return count;
}

/* wolfCrypt's key object begins with the public half; the private one follows, seed first. */
static const uint8_t *seed_of(const struct key *key)
{
	return (const uint8_t *)key + offsetof(ed25519_key, k);
}

static void test_private_key_is_in_one_place(void **state)
{
	struct pair pair;
	time_t now = time(NULL);
	struct identity *identity = test_identity(authority, URI_A, now, 600);
	struct key *key = key_share(identity->key);
	look_for(seed_of(key));
	assert_int_equal(found(), 1);
	pair_make(&pair, identity, URI_B, test_identity(authority, URI_B, now, 600), URI_A);
	assert_true(pair_handshake(&pair));
	assert_int_equal(found(), 1);
	pair_free(&pair);
	key_free(&key);
	assert_int_equal(found(), 0);
}

static void test_session_keys_end_with_the_session(void **state)
{
	struct pair pair;
	struct err err;
	pair_make_good(&pair);
	assert_true(pair_handshake(&pair));
	assert_int_equal(tls_write(pair.client, "x", 1, &err), TLS_OK);
	look_for(pair.client->cipher.sealing.key);
	assert_true(found() > 0);
	pair_free(&pair);
	assert_int_equal(found(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_private_key_is_in_one_place),
		cmocka_unit_test(test_session_keys_end_with_the_session),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
