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
#include "certs/x509.h"

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
