// SPDX-License-Identifier: GPL-3.0-or-later
/* Set-up of the TLS tests; nothing in here is tested. */
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "certs/identity_parts.h"
#include "certs/profile.h"

struct authority *test_authority(void)
{
	struct err err;
	struct authority *authority = authority_new(DOMAIN, time(NULL), &err);
	assert_non_null(authority);
	return authority;
}

struct identity *test_identity(struct authority *authority, const char *uri, time_t now,
			       uint32_t lifetime_s)
{
	struct err err;
	auto_buf struct buf request, certificate;
	time_t not_after;
	size_t len;
	buf_init(&request, 4096);
	buf_init(&certificate, 4096);
	struct identity *identity = identity_new(&err);
	assert_non_null(identity);
	assert_true(identity_request(identity, &request, &err));
	assert_true(authority_issue(authority, buf_bytes(&request), buf_len(&request), uri, now,
				    lifetime_s, &certificate, &not_after, &err));
	const uint8_t *root = authority_certificate(authority, &len);
	assert_true(identity_accept(identity, buf_bytes(&certificate), buf_len(&certificate), root,
				    len, &err));
	return identity;
}

void root_make(struct root *root)
{
	struct err err;
	auto_buf struct buf names;
	buf_init(&names, 1000);
	buf_init(&root->certificate, 4096);
	root->key = key_new(&err);
	assert_non_null(root->key);
	assert_true(x509_put_uri(&names, "spiffe://" DOMAIN));
	struct x509_template template = root_template(&names);
	template.authority = true;
	template.public_key = template.issuer_public_key = key_public(root->key);
	assert_true(x509_write(&template, root->key, &root->certificate, &err));
}

void root_free(struct root *root)
{
	key_free(&root->key);
	buf_free(&root->certificate);
}

struct x509_template root_template(const struct buf *names)
{
	return (struct x509_template){
		.names = {buf_bytes(names), buf_len(names)},
		.not_before = time(NULL) - 60,
		.not_after = time(NULL) + 3600,
	};
}

static uint8_t *copy(const struct buf *from, size_t *len)
{
	*len = buf_len(from);
	return memcpy(xmalloc(*len), buf_bytes(from), *len);
}

struct identity *root_identity(const struct root *trusted, const struct root *issuer,
			       struct x509_template template)
{
	struct err err;
	auto_buf struct buf certificate;
	struct identity *identity = identity_new(&err);
	assert_non_null(identity);
	buf_init(&certificate, 4096);
	template.public_key = key_public(identity->key);
	template.issuer_public_key = key_public(issuer->key);
	assert_true(x509_write(&template, issuer->key, &certificate, &err));
	identity->certificate = copy(&certificate, &identity->certificate_len);
	identity->authority = copy(&trusted->certificate, &identity->authority_len);
	return identity;
}

struct identity *root_good(const struct root *root, const char *uri)
{
	auto_buf struct buf names;
	buf_init(&names, 1000);
	assert_true(x509_put_uri(&names, uri));
	return root_identity(root, root, root_template(&names));
}

void root_patch(const struct root *issuer, struct identity *identity, const void *find,
		const void *replace, size_t len)
{
	struct err err;
	struct der content;
	const uint8_t *signature;
	auto_buf struct buf patched, whole;
	assert_true(profile_take_signed(identity->certificate, identity->certificate_len, &content,
					&signature));
	buf_init(&patched, 4096);
	buf_init(&whole, 4096);
	assert_true(buf_append(&patched, content.at, content.left));
	uint8_t *at = memmem(buf_bytes(&patched), buf_len(&patched), find, len);
	assert_non_null(at);
	memcpy(at, replace, len);
	assert_true(profile_put_signed(&whole, &patched, issuer->key, &err));
	free(identity->certificate);
	identity->certificate = copy(&whole, &identity->certificate_len);
}

static struct tls_context *context_of(struct identity *identity)
{
	struct err err;
	struct tls_context *context = tls_context_new(identity, &err);
	if (!context)
		fail_msg("%s", err.text);
	identity_free(&identity);
	return context;
}

void pair_make(struct pair *pair, struct identity *client, const char *client_expects,
	       struct identity *server, const char *server_expects)
{
	struct err err;
	*pair = (struct pair){.client_context = context_of(client),
			      .server_context = context_of(server)};
	pair->client = tls_session_new(pair->client_context, TLS_CLIENT, client_expects,
				       PAIR_BUFFER, &err);
	pair->server = tls_session_new(pair->server_context, TLS_SERVER, server_expects,
				       PAIR_BUFFER, &err);
	assert_non_null(pair->client);
	assert_non_null(pair->server);
}

void pair_make_good(struct pair *pair)
{
	struct authority *authority = test_authority();
	time_t now = time(NULL);
	pair_make(pair, test_identity(authority, URI_A, now, 3600), URI_B,
		  test_identity(authority, URI_B, now, 3600), URI_A);
	authority_free(&authority);
}

void pair_free(struct pair *pair)
{
	tls_session_free(&pair->client);
	tls_session_free(&pair->server);
	tls_context_free(&pair->client_context);
	tls_context_free(&pair->server_context);
}

size_t pair_move(struct tls_session *from, struct tls_session *to)
{
	struct buf *out = tls_out(from), *in = tls_in(to);
	size_t len = buf_len(out) < buf_room(in) ? buf_len(out) : buf_room(in);
	assert_true(buf_append(in, buf_bytes(out), len));
	buf_consume(out, len);
	return len;
}

bool pair_handshake(struct pair *pair)
{
	enum tls_status client, server;
	size_t moved;
	do {
		client = tls_handshake(pair->client, &pair->client_err);
		moved = pair_move(pair->client, pair->server);
		server = tls_handshake(pair->server, &pair->server_err);
		moved += pair_move(pair->server, pair->client);
	} while (moved > 0);
	return client == TLS_OK && server == TLS_OK;
}
