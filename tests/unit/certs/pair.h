// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What the TLS tests share: an authority, identities of it, and two sessions that are wired up. */
#include <time.h>

#include "certs/authority.h"
#include "certs/identity.h"
#include "certs/tls.h"
#include "certs/x509.h"

#define DOMAIN "run-1.capakit"
#define URI_A "spiffe://" DOMAIN "/workload/a"
#define URI_B "spiffe://" DOMAIN "/workload/b"
#define PAIR_BUFFER ((size_t)64 * 1024)

struct authority *test_authority(void);
/* With a certificate for `uri` that begins at `now` (less a minute) and ends lifetime_s later. */
struct identity *test_identity(struct authority *authority, const char *uri, time_t now,
			       uint32_t lifetime_s);
/* An authority whose key the test has, to sign what a real one never would. */
struct root {
	struct key *key;
	struct buf certificate;
};
void root_make(struct root *root);
void root_free(struct root *root);

/*
 * With a certificate after the template, issued by `issuer`, that nobody checked; its owner
 * trusts `trusted`. root_good: a valid one for `uri`.
 */
struct identity *root_identity(const struct root *trusted, const struct root *issuer,
			       struct x509_template template);
struct identity *root_good(const struct root *root, const char *uri);
struct x509_template root_template(const struct buf *names);

/* Replaces bytes that occur in the signed part of the certificate, and signs it again. */
void root_patch(const struct root *issuer, struct identity *identity, const void *find,
		const void *replace, size_t len);

struct pair {
	struct tls_context *client_context;
	struct tls_context *server_context;
	struct tls_session *client;
	struct tls_session *server;
	struct err client_err;
	struct err server_err;
};

/* Sessions of these identities, which are freed. */
void pair_make(struct pair *pair, struct identity *client, const char *client_expects,
	       struct identity *server, const char *server_expects);
void pair_make_good(struct pair *pair);
void pair_free(struct pair *pair);

/* Moves what waits in `from`'s tls_out to `to`'s tls_in; how many bytes. */
size_t pair_move(struct tls_session *from, struct tls_session *to);

/* Runs both sides until neither moves. True when both are done. */
bool pair_handshake(struct pair *pair);
