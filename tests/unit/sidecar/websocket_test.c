// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sidecar/websocket.h"

/* The example of RFC 6455, section 1.3. */
static void a_key_has_one_answer(void **state)
{
	char accept[WEBSOCKET_ACCEPT];

	websocket_accept(HTTP_TEXT("dGhlIHNhbXBsZSBub25jZQ=="), accept);
	assert_memory_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", sizeof(accept));
}

static void a_key_is_its_nonce_in_base64(void **state)
{
	char key[WEBSOCKET_KEY];

	websocket_key((const uint8_t *)"the sample nonce", key);
	assert_memory_equal(key, "dGhlIHNhbXBsZSBub25jZQ==", sizeof(key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_has_one_answer),
		cmocka_unit_test(a_key_is_its_nonce_in_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
