// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Peers that a link must not accept, each from both sides: as the client that calls us, and as the
 * server that we call. In TLS 1.3 a client is done before the server has looked at its
 * certificate, so a refused client learns it at its next read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "certs/identity_parts.h"
#include "certs/profile.h"
#include "certs/tls_parts.h"
#include "pair.h"

static struct root root, other;

static int set_up(void **state)
{
	struct err err;
	if (!tls_init(&err))
		return -1;
	root_make(&root);
	root_make(&other);
	return 0;
}

static int tear_down(void **state)
{
	root_free(&root);
	root_free(&other);
	return 0;
}

/* The refused side, which may believe that all is well, must get to know. */
static void must_notice(struct tls_session *session)
{
	struct err err;
	char data[10];
	size_t got;
	enum tls_status status = tls_handshake(session, &err);
	if (status == TLS_OK)
		status = tls_read(session, data, sizeof(data), &got, &err);
	assert_int_equal(status, TLS_FAILED);
	assert_int_equal(err.code, ERR_DENIED);
	assert_non_null(strstr(err.text, "refused us"));
}

static void must_refuse(struct tls_session *session, const char *why)
{
	struct err err = {0};
	assert_int_equal(tls_handshake(session, &err), TLS_FAILED);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" is not in: %s", why, err.text);
}

typedef struct identity *bad_fn(void);

static void refused_as_client(bad_fn *bad, const char *why, bool with_alert)
{
	struct pair pair;
	pair_make(&pair, bad(), URI_B, root_good(&root, URI_B), URI_A);
	assert_false(pair_handshake(&pair));
	must_refuse(pair.server, why);
	if (with_alert)
		must_notice(pair.client);
	pair_free(&pair);
}

static void refused_as_server(bad_fn *bad, const char *why, bool with_alert)
{
	struct pair pair;
	pair_make(&pair, root_good(&root, URI_B), URI_A, bad(), URI_B);
	assert_false(pair_handshake(&pair));
	must_refuse(pair.client, why);
	if (with_alert)
		must_notice(pair.server);
	pair_free(&pair);
}

static void refused_both_ways(bad_fn *bad, const char *why)
{
	refused_as_client(bad, why, true);
	refused_as_server(bad, why, true);
}

/* wolfSSL's own parser gives up before our callback, and sends no alert: the link just ends. */
static void refused_as_malformed(bad_fn *bad)
{
	refused_as_client(bad, "TLS with " URI_A, false);
	refused_as_server(bad, "TLS with " URI_A, false);
}

/* The helpers themselves make good peers when nothing is wrong with them. */
static void test_good_peer_is_accepted(void **state)
{
	struct pair pair;
	pair_make(&pair, root_good(&root, URI_A), URI_B, root_good(&root, URI_B), URI_A);
	if (!pair_handshake(&pair))
		fail_msg("%s %s", pair.client_err.text, pair.server_err.text);
	pair_free(&pair);
}

static struct identity *another_workload(void)
{
	return root_good(&root, "spiffe://" DOMAIN "/workload/aa");
}

static void test_another_workload(void **state)
{
	refused_both_ways(another_workload, URI_A ": it is the one of " URI_A "a");
}

static struct identity *named(const void *names, size_t len)
{
	struct x509_template template = root_template(&(struct buf){0});
	template.names = (struct der){names, len};
	return root_identity(&root, &root, template);
}

static struct identity *of_another_authority(void)
{
	auto_buf struct buf names;
	buf_init(&names, 1000);
	assert_true(x509_put_uri(&names, URI_A));
	return root_identity(&root, &other, root_template(&names));
}

static void test_another_authority(void **state)
{
	refused_both_ways(of_another_authority, "another authority issued it");
}

/* Everything but the signature is as the authority would write it. */
static struct identity *forged(void)
{
	auto_buf struct buf names, certificate;
	struct err err;
	struct identity *identity = root_good(&root, URI_A);
	buf_init(&names, 1000);
	buf_init(&certificate, 4096);
	assert_true(x509_put_uri(&names, URI_A));
	struct x509_template template = root_template(&names);
	template.public_key = key_public(identity->key);
	template.issuer_public_key = key_public(root.key);
	assert_true(x509_write(&template, other.key, &certificate, &err));
	assert_int_equal(buf_len(&certificate), identity->certificate_len);
	memcpy(identity->certificate, buf_bytes(&certificate), identity->certificate_len);
	return identity;
}

static void test_forged_signature(void **state)
{
	refused_both_ways(forged, "its signature is not the authority's");
}

static struct identity *self_signed(void)
{
	struct root self;
	root_make(&self);
	auto_buf struct buf names;
	buf_init(&names, 1000);
	assert_true(x509_put_uri(&names, URI_A));
	struct identity *identity = root_identity(&root, &self, root_template(&names));
	root_free(&self);
	return identity;
}

static void test_self_signed_with_the_same_name(void **state)
{
	refused_both_ways(self_signed, "another authority issued it");
}

/* The authority's own certificate, shown by somebody who does not even have its key. */
static struct identity *authority_itself(void)
{
	struct identity *identity = root_good(&root, URI_A);
	free(identity->certificate);
	identity->certificate_len = buf_len(&root.certificate);
	identity->certificate = xmalloc(identity->certificate_len);
	memcpy(identity->certificate, buf_bytes(&root.certificate), identity->certificate_len);
	return identity;
}

static void test_authority_as_a_peer(void **state)
{
	refused_both_ways(authority_itself, "are not in their places");
}

/* Somebody else's certificate without its key: the handshake's signature does not fit. */
static struct identity *stolen(void)
{
	struct identity *victim = root_good(&root, URI_A);
	struct identity *thief = root_good(&root, URI_A);
	memcpy(thief->certificate, victim->certificate, victim->certificate_len);
	identity_free(&victim);
	return thief;
}

static void test_certificate_without_its_key(void **state)
{
	refused_both_ways(stolen, "TLS with");
}

static struct identity *between(time_t from, time_t to)
{
	auto_buf struct buf names;
	buf_init(&names, 1000);
	assert_true(x509_put_uri(&names, URI_A));
	struct x509_template template = root_template(&names);
	template.not_before = time(NULL) + from;
	template.not_after = time(NULL) + to;
	return root_identity(&root, &root, template);
}

static struct identity *expired(void)
{
	return between(-3600, -10);
}

static struct identity *not_yet_valid(void)
{
	return between(600, 3600);
}

static void test_expired(void **state)
{
	refused_both_ways(expired, "it has expired");
}

static void test_not_yet_valid(void **state)
{
	refused_both_ways(not_yet_valid, "it is not valid yet");
}

#define URI_NAME "\x86\x21" URI_A
_Static_assert(sizeof(URI_A) - 1 == 0x21, "the length is written out in URI_NAME");

static struct identity *name_with_nul(void)
{
	static const char name[] = "\x86\x23" URI_A "\0x";
	return named(name, sizeof(name) - 1);
}

static struct identity *two_uris(void)
{
	static const char names[] = URI_NAME "\x86\x21spiffe://" DOMAIN "/workload/b";
	return named(names, sizeof(names) - 1);
}

static struct identity *dns_beside(void)
{
	static const char names[] = URI_NAME "\x82\x09localhost";
	return named(names, sizeof(names) - 1);
}

static struct identity *dns_before(void)
{
	static const char names[] = "\x82\x09localhost" URI_NAME;
	return named(names, sizeof(names) - 1);
}

static struct identity *dns_alone(void)
{
	static const char names[] = "\x82\x21" URI_A;
	return named(names, sizeof(names) - 1);
}

static struct identity *no_names(void)
{
	return named("", 0);
}

static void test_name_with_nul(void **state)
{
	refused_both_ways(name_with_nul, "its name is not a SPIFFE ID");
}

static void test_two_names(void **state)
{
	refused_both_ways(two_uris, "not exactly one URI");
	refused_both_ways(dns_beside, "not exactly one URI");
	refused_both_ways(dns_before, "not exactly one URI");
}

static void test_name_of_another_type(void **state)
{
	refused_both_ways(dns_alone, "not exactly one URI");
}

static void test_no_name(void **state)
{
	refused_as_malformed(no_names);
}

/* The extension's identifier becomes one that nobody knows. */
static struct identity *without_names(void)
{
	struct identity *identity = root_good(&root, URI_A);
	root_patch(&root, identity, "\x06\x03\x55\x1d\x11\x01\x01\xff",
		   "\x06\x03\x55\x1d\x3f\x01\x01\xff", 8);
	return identity;
}

static struct identity *for_mail_only(void)
{
	struct identity *identity = root_good(&root, URI_A);
	uint8_t mail[sizeof(PROFILE_EXTENDED_USAGE_LEAF)];
	memcpy(mail, PROFILE_EXTENDED_USAGE_LEAF, sizeof(mail));
	mail[11] = mail[21] = 4; // id-kp-emailProtection
	root_patch(&root, identity, PROFILE_EXTENDED_USAGE_LEAF, mail, sizeof(mail));
	return identity;
}

static struct identity *no_signing(void)
{
	struct identity *identity = root_good(&root, URI_A);
	root_patch(&root, identity, PROFILE_USAGE_LEAF, "\x03\x02\x03\x08", 4); // keyAgreement
	return identity;
}

static void test_wrong_extensions(void **state)
{
	refused_as_malformed(without_names);
	refused_both_ways(for_mail_only, "extended key usage");
	refused_both_ways(no_signing, "key usage");
}

static void good_pair(struct pair *pair)
{
	pair_make(pair, root_good(&root, URI_A), URI_B, root_good(&root, URI_B), URI_A);
}

/* The right leaf with the authority behind it: a chain is not what a link takes. */
static void send_chain(struct tls_session *session, const struct identity *identity)
{
	auto_buf struct buf chain;
	buf_init(&chain, 8192);
	assert_true(buf_append(&chain, identity->certificate, identity->certificate_len));
	assert_true(buf_append(&chain, identity->authority, identity->authority_len));
	assert_int_equal(wolfSSL_use_certificate_chain_buffer_format(
				 session->ssl, buf_bytes(&chain), (long)buf_len(&chain),
				 WOLFSSL_FILETYPE_ASN1),
			 WOLFSSL_SUCCESS);
}

static void test_chain_of_two(void **state)
{
	struct pair pair;
	struct err err;
	struct identity *a = root_good(&root, URI_A), *b = root_good(&root, URI_B);
	struct tls_context *context = tls_context_new(a, &err);
	pair_make(&pair, root_good(&root, URI_A), URI_B, b, URI_A);
	tls_session_free(&pair.client);
	pair.client = tls_session_new(context, TLS_CLIENT, URI_B, PAIR_BUFFER, &err);
	send_chain(pair.client, a);
	assert_false(pair_handshake(&pair));
	must_refuse(pair.server, "certificates and not one");
	must_notice(pair.client);
	pair_free(&pair);
	tls_context_free(&context);
	identity_free(&a);
}

/* A peer that speaks another TLS: the session's wolfSSL object is changed before it begins. */
typedef void change_fn(WOLFSSL *ssl);

static void refuses_changed(change_fn *change)
{
	struct pair pair;
	good_pair(&pair);
	change(pair.client->ssl);
	assert_false(pair_handshake(&pair));
	must_refuse(pair.server, "");
	pair_free(&pair);
	good_pair(&pair);
	change(pair.server->ssl);
	assert_false(pair_handshake(&pair));
	pair_free(&pair);
}

static void only_aes_128(WOLFSSL *ssl)
{
	assert_int_equal(wolfSSL_set_cipher_list(ssl, "TLS13-AES128-GCM-SHA256"), WOLFSSL_SUCCESS);
}

static void test_other_suites(void **state)
{
	refuses_changed(only_aes_128);
}

static void only_p256(WOLFSSL *ssl)
{
	int groups[] = {WOLFSSL_ECC_SECP256R1};
	assert_int_equal(wolfSSL_set_groups(ssl, groups, 1), WOLFSSL_SUCCESS);
	wolfSSL_NoKeyShares(ssl);
	wolfSSL_UseKeyShare(ssl, WOLFSSL_ECC_SECP256R1);
}

static void test_other_groups(void **state)
{
	struct pair pair;
	good_pair(&pair);
	only_p256(pair.client->ssl);
	assert_false(pair_handshake(&pair));
	pair_free(&pair);
}

static int receive(WOLFSSL *ssl, char *data, int size, void *user)
{
	struct buf *in = tls_in(user);
	if (buf_len(in) == 0)
		return WOLFSSL_CBIO_ERR_WANT_READ;
	int len = buf_len(in) < (size_t)size ? (int)buf_len(in) : size;
	memcpy(data, buf_bytes(in), (size_t)len);
	buf_consume(in, (size_t)len);
	return len;
}

static int transmit(WOLFSSL *ssl, char *data, int size, void *user)
{
	return buf_append(tls_out(user), data, (size_t)size) ? size : WOLFSSL_CBIO_ERR_WANT_WRITE;
}

/* A stranger without certificate, who verifies nothing, in the place of one side of a pair. */
static void become_stranger(struct tls_session *session, WOLFSSL_METHOD *method)
{
	WOLFSSL_CTX *ctx = wolfSSL_CTX_new(method);
	assert_non_null(ctx);
	wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_NONE, NULL);
	wolfSSL_free(session->ssl);
	session->ssl = wolfSSL_new(ctx);
	assert_non_null(session->ssl);
	wolfSSL_SSLSetIORecv(session->ssl, receive);
	wolfSSL_SSLSetIOSend(session->ssl, transmit);
	wolfSSL_SetIOReadCtx(session->ssl, session);
	wolfSSL_SetIOWriteCtx(session->ssl, session);
	wolfSSL_CTX_free(ctx);
}

static void test_no_certificate(void **state)
{
	struct pair pair;
	good_pair(&pair);
	become_stranger(pair.client, wolfTLSv1_3_client_method());
	assert_false(pair_handshake(&pair));
	must_refuse(pair.server, "TLS with " URI_A);
	assert_false(pair.server->peer_verified);
	pair_free(&pair);
}

static void test_tls_1_2(void **state)
{
	struct pair pair;
	good_pair(&pair);
	become_stranger(pair.client, wolfTLSv1_2_client_method());
	assert_false(pair_handshake(&pair));
	must_refuse(pair.server, "TLS with " URI_A);
	pair_free(&pair);
}

/* Early data and tickets cannot even be built into a session of this wolfSSL or context. */
static void test_no_early_data(void **state)
{
#ifdef WOLFSSL_EARLY_DATA
	struct pair pair;
	good_pair(&pair);
	assert_int_equal(wolfSSL_get_max_early_data(pair.server->ssl), 0);
	pair_free(&pair);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_peer_is_accepted),
		cmocka_unit_test(test_another_workload),
		cmocka_unit_test(test_another_authority),
		cmocka_unit_test(test_forged_signature),
		cmocka_unit_test(test_self_signed_with_the_same_name),
		cmocka_unit_test(test_authority_as_a_peer),
		cmocka_unit_test(test_certificate_without_its_key),
		cmocka_unit_test(test_expired),
		cmocka_unit_test(test_not_yet_valid),
		cmocka_unit_test(test_name_with_nul),
		cmocka_unit_test(test_two_names),
		cmocka_unit_test(test_name_of_another_type),
		cmocka_unit_test(test_no_name),
		cmocka_unit_test(test_wrong_extensions),
		cmocka_unit_test(test_chain_of_two),
		cmocka_unit_test(test_other_suites),
		cmocka_unit_test(test_other_groups),
		cmocka_unit_test(test_no_certificate),
		cmocka_unit_test(test_tls_1_2),
		cmocka_unit_test(test_no_early_data),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
