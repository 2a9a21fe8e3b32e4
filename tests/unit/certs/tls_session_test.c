// SPDX-License-Identifier: GPL-3.0-or-later
/* Sessions that work: what is negotiated, what goes through, how they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "certs/tls_parts.h"
#include "pair.h"

static int set_up(void **state)
{
	struct err err;
	return tls_init(&err) ? 0 : -1;
}

static void must_shake(struct pair *pair)
{
	if (!pair_handshake(pair))
		fail_msg("client: %s; server: %s", pair->client_err.text, pair->server_err.text);
}

static void test_negotiates(void **state)
{
	struct pair pair;
	pair_make_good(&pair);
	must_shake(&pair);
	assert_string_equal(tls_cipher(pair.client), "TLS_AES_256_GCM_SHA384");
	assert_string_equal(tls_cipher(pair.server), "TLS_AES_256_GCM_SHA384");
	assert_string_equal(tls_version(pair.client), "TLSv1.3");
	assert_string_equal(tls_version(pair.server), "TLSv1.3");
	assert_string_equal(wolfSSL_get_curve_name(pair.client->ssl), "X25519");
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_negotiates),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
