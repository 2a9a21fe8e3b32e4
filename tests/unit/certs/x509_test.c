// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "certs/identity_parts.h"
#include "certs/profile.h"
#include "pair.h"

static struct root root;

static int set_up(void **state)
{
	struct err err;
	if (!tls_init(&err))
		return -1;
	root_make(&root);
	return 0;
}

static int tear_down(void **state)
{
	root_free(&root);
	return 0;
}

static void test_reads_what_is_written(void **state)
{
	struct x509 leaf, authority;
	struct err err;
	struct identity *identity = root_good(&root, URI_A);
	assert_true(x509_read(identity->certificate, identity->certificate_len, &leaf, &err));
	assert_true(x509_read(identity->authority, identity->authority_len, &authority, &err));
	assert_false(leaf.authority);
	assert_true(authority.authority);
	assert_true(der_equal(&leaf.uri, URI_A, strlen(URI_A)));
	assert_memory_equal(leaf.public_key, key_public(identity->key), KEY_PUBLIC_SIZE);
	assert_int_equal(leaf.not_after - leaf.not_before, 3660);
	assert_int_equal(leaf.subject.left, 2); // an empty sequence
	assert_true(x509_issued_by(&leaf, &authority, &err));
	assert_false(x509_issued_by(&authority, &leaf, &err));
	assert_false(x509_issued_by(&authority, &authority, &err));
	assert_false(x509_issued_by(&leaf, &leaf, &err));
	identity_free(&identity);
}

static void test_validity_is_inclusive(void **state)
{
	const struct x509 certificate = {.not_before = 100, .not_after = 200};
	struct err err;
	assert_false(x509_valid_at(&certificate, 99, &err));
	assert_true(x509_valid_at(&certificate, 100, &err));
	assert_true(x509_valid_at(&certificate, 200, &err));
	assert_false(x509_valid_at(&certificate, 201, &err));
}

static void test_serials_differ_and_are_positive(void **state)
{
	uint8_t last[16] = {0};
	for (int i = 0; i < 50; i++) {
		struct identity *identity = root_good(&root, URI_A);
		const uint8_t *serial = memmem(identity->certificate, 40, "\x02\x10", 2);
		assert_non_null(serial);
		assert_true(serial[2] < 0x80);
		assert_memory_not_equal(serial + 2, last, sizeof(last));
		memcpy(last, serial + 2, sizeof(last));
		identity_free(&identity);
	}
}

static void test_uris(void **state)
{
	static const char *const good[] = {
		"spiffe://a",
		"spiffe://run-1.capakit/workload/w_1",
		"spiffe://run-1.capakit/kit/dep/workload/key",
		"spiffe://run-1.capakit/edge",
	};
	static const char *const bad[] = {
		"",
		"spiffe://",
		"spiffe:///a",
		"https://a/b",
		"spiffe://a/",
		"spiffe://a//b",
		"spiffe://a/%2e",
		"spiffe://a/b?c",
		"spiffe://a/b#c",
		"spiffe://a:1/b",
		"spiffe://u@a/b",
		"spiffe://a/\xc3\xa9",
		"spiffe://a/b\nlog",
		"Spiffe://a/b",
		"spiffe://a b",
		" spiffe://a",
	};
	char large[600] = "spiffe://";
	memset(large + 9, 'a', sizeof(large) - 9);
	for (size_t i = 0; i < array_len(good); i++)
		assert_true(x509_uri_is_valid(good[i], strlen(good[i])));
	for (size_t i = 0; i < array_len(bad); i++)
		if (x509_uri_is_valid(bad[i], strlen(bad[i])))
			fail_msg("%s", bad[i]);
	assert_false(x509_uri_is_valid("spiffe://a\0b", 12));
	assert_true(x509_uri_is_valid(large, 512));
	assert_false(x509_uri_is_valid(large, 513));
}

/* Whatever one byte of a certificate becomes: never accepted as issued by the authority. */
static void test_every_changed_byte_is_refused(void **state)
{
	struct identity *identity = root_good(&root, URI_A);
	struct x509 authority, leaf;
	struct err err;
	assert_true(x509_read(identity->authority, identity->authority_len, &authority, &err));
	for (size_t i = 0; i < identity->certificate_len; i++) {
		identity->certificate[i] ^= 0x01;
		assert_false(
			x509_read(identity->certificate, identity->certificate_len, &leaf, &err) &&
			x509_issued_by(&leaf, &authority, &err));
		identity->certificate[i] ^= 0x01;
	}
	identity_free(&identity);
}

static void test_every_cut_is_refused(void **state)
{
	struct identity *identity = root_good(&root, URI_A);
	struct x509 leaf;
	struct err err;
	for (size_t len = 0; len < identity->certificate_len; len++) {
		uint8_t *exact = memcpy(xmalloc(len + 1), identity->certificate, len);
		assert_false(x509_read(exact, len, &leaf, &err));
		free(exact);
	}
	identity_free(&identity);
}

static void refused_after(const void *find, const void *replace, size_t len, const char *why)
{
	struct identity *identity = root_good(&root, URI_A);
	struct x509 leaf;
	struct err err;
	root_patch(&root, identity, find, replace, len);
	assert_false(x509_read(identity->certificate, identity->certificate_len, &leaf, &err));
	if (!strstr(err.text, why))
		fail_msg("\"%s\" is not in: %s", why, err.text);
	identity_free(&identity);
}

static void test_refuses_other_profiles(void **state)
{
	refused_after("\x02\x01\x02", "\x02\x01\x01", 3, "version 3");
	refused_after("\x30\x05\x06\x03\x2b\x65\x70", "\x30\x05\x06\x03\x2b\x65\x71", 7,
		      "version 3"); // Ed448
	refused_after("\x06\x03\x55\x1d\x0e", "\x06\x03\x55\x1d\x0f", 5, "twice");
	refused_after("\x06\x03\x55\x1d\x0e", "\x06\x03\x55\x1d\x1e", 5, "not of this profile");
	refused_after("\x01\x01\xff\x04\x02\x30\x00", "\x01\x01\x01\x04\x02\x30\x00", 7,
		      "malformed"); // a BOOLEAN that is not DER
	refused_after("\x55\x1d\x13\x01\x01\xff\x04\x02\x30\x00",
		      "\x55\x1d\x13\x01\x01\xff\x04\x02\x31\x00", 10, "basic constraints");
	refused_after("\x86\x21spiffe", "\x86\x21Spiffe", 8, "not a SPIFFE ID");
	refused_after("\x86\x21", "\x82\x21", 2, "exactly one URI");
}

static void test_too_large(void **state)
{
	static uint8_t large[4096] = "\x30\x82\x0f\xfc";
	struct x509 certificate;
	struct err err;
	assert_false(x509_read(large, sizeof(large), &certificate, &err));
	assert_non_null(strstr(err.text, "too large"));
}

/* RFC 8032, section 7.1, test 2. */
static void test_signature_of_the_rfc(void **state)
{
	static const uint8_t public[] = {0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a,
					 0x92, 0xb7, 0x0a, 0xa7, 0x4d, 0x1b, 0x7e, 0xbc,
					 0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4, 0x96, 0x8c,
					 0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c};
	static const uint8_t signature[] = {
		0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f,
		0x64, 0x25, 0x40, 0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76,
		0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda, 0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99,
		0x6e, 0x45, 0x8f, 0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c, 0x38, 0x7b, 0x2e, 0xae,
		0xb4, 0x30, 0x2a, 0xee, 0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00};
	assert_true(key_verify(public, "\x72", 1, signature));
	assert_false(key_verify(public, "\x73", 1, signature));
}

static void test_keys_are_different_and_sign(void **state)
{
	struct err err;
	uint8_t signature[KEY_SIGNATURE_SIZE];
	struct key *a = key_new(&err), *b = key_new(&err);
	assert_memory_not_equal(key_public(a), key_public(b), KEY_PUBLIC_SIZE);
	assert_true(key_sign(a, "text", 4, signature, &err));
	assert_true(key_verify(key_public(a), "text", 4, signature));
	assert_false(key_verify(key_public(b), "text", 4, signature));
	assert_false(key_verify(key_public(a), "tex", 3, signature));
	struct key *shared = key_share(a);
	key_free(&a);
	assert_null(a);
	assert_true(key_sign(shared, "text", 4, signature, &err));
	key_free(&shared);
	key_free(&b);
	key_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_what_is_written),
		cmocka_unit_test(test_validity_is_inclusive),
		cmocka_unit_test(test_serials_differ_and_are_positive),
		cmocka_unit_test(test_uris),
		cmocka_unit_test(test_every_changed_byte_is_refused),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_refuses_other_profiles),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_signature_of_the_rfc),
		cmocka_unit_test(test_keys_are_different_and_sign),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
