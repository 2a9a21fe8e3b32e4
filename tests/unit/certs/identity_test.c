// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <gcrypt.h>

#include "certs/identity_parts.h"
#include "pair.h"

static struct authority *authority;

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

static void test_renew_at_half_life(void **state)
{
	assert_int_equal(identity_renew_at(1000, 3000), 2000);
	assert_int_equal(identity_renew_at(1000, 1000), 1000);
}

static void test_validity(void **state)
{
	struct err err;
	time_t from, to, now = time(NULL);
	struct identity *none = identity_new(&err);
	assert_false(identity_validity(none, &from, &to));
	identity_free(&none);
	struct identity *identity = test_identity(authority, URI_A, now, 600);
	assert_true(identity_validity(identity, &from, &to));
	assert_int_equal(from, now - 60);
	assert_int_equal(to, now + 600);
	identity_free(&identity);
	identity_free(&identity);
}

static bool accepts(struct identity *identity, const struct identity *from, struct err *err)
{
	return identity_accept(identity, from->certificate, from->certificate_len, from->authority,
			       from->authority_len, err);
}

static void test_refuses_a_certificate_for_another_key(void **state)
{
	struct err err;
	struct identity *a = test_identity(authority, URI_A, time(NULL), 600);
	struct identity *b = identity_new(&err);
	assert_false(accepts(b, a, &err));
	assert_non_null(strstr(err.text, "another key"));
	assert_true(accepts(a, a, &err)); // again is fine
	identity_free(&a);
	identity_free(&b);
}

/* What was accepted before stays when the next one is refused. */
static void test_refuses_another_authoritys_root(void **state)
{
	struct err err;
	size_t len;
	struct authority *other = test_authority();
	struct identity *a = test_identity(authority, URI_A, time(NULL), 600);
	const uint8_t *root = authority_certificate(other, &len);
	assert_false(identity_accept(a, a->certificate, a->certificate_len, root, len, &err));
	assert_non_null(strstr(err.text, "another authority"));
	assert_false(identity_accept(a, root, len, root, len, &err));
	assert_non_null(a->certificate);
	struct tls_context *context = tls_context_new(a, &err);
	assert_non_null(context);
	tls_context_free(&context);
	identity_free(&a);
	authority_free(&other);
}

static void test_key_is_in_locked_memory(void **state)
{
	struct err err;
	struct identity *identity = identity_new(&err);
	assert_true(gcry_is_secure(identity->key));
	identity_free(&identity);
}

static void test_renewal_with_the_same_key(void **state)
{
	struct err err;
	auto_buf struct buf request, certificate;
	time_t not_after, from, to;
	size_t len;
	buf_init(&request, 4096);
	buf_init(&certificate, 4096);
	struct identity *identity = test_identity(authority, URI_A, time(NULL) - 600, 1200);
	assert_true(identity_request(identity, &request, &err));
	assert_true(authority_issue(authority, buf_bytes(&request), buf_len(&request), URI_A,
				    time(NULL), 1200, &certificate, &not_after, &err));
	const uint8_t *root = authority_certificate(authority, &len);
	assert_true(identity_accept(identity, buf_bytes(&certificate), buf_len(&certificate), root,
				    len, &err));
	assert_true(identity_validity(identity, &from, &to));
	assert_int_equal(to, not_after);
	identity_free(&identity);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_renew_at_half_life),
		cmocka_unit_test(test_validity),
		cmocka_unit_test(test_refuses_a_certificate_for_another_key),
		cmocka_unit_test(test_refuses_another_authoritys_root),
		cmocka_unit_test(test_key_is_in_locked_memory),
		cmocka_unit_test(test_renewal_with_the_same_key),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
