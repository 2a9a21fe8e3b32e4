// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What contexts and sessions are made of, for certs/tls_*.c alone. */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include "certs/device.h"
#include "certs/tls.h"

struct tls_context {
	WOLFSSL_CTX *ctx;
	struct key *key;
	uint8_t *authority; // DER
	size_t authority_len;
	size_t owners; // the caller and each session
	bool outside;  // for hosts outside: no key, no authority of ours
};

struct tls_session {
	WOLFSSL *ssl;
	struct tls_context *context;
	struct record_cipher cipher;
	enum tls_side side;
	struct buf in;
	struct buf out;
	size_t out_max; // what tls_write may fill; `out` has a little more, for alerts
	char *peer_uri;
	bool peer_verified;
	bool established;
	bool closing;	       // close_notify was sent
	enum tls_status ended; // TLS_OK while it lives
	struct err reason;     // why it failed, once it did
};

/* The suites to offer and accept, as wolfSSL names them. */
const char *tls_suites(bool cpu_has_aes);
bool tls_cpu_has_aes(void);

/* wolfSSL's verify callback; the session is the user's pointer. */
int tls_verify_peer(int preverified, WOLFSSL_X509_STORE_CTX *store);

/* The same for a host outside; and what its session needs besides (tls_outside.c). */
int tls_verify_outside(int preverified, WOLFSSL_X509_STORE_CTX *store);
bool tls_session_set_host(struct tls_session *session);

/* After the handshake: gives back the memory that wolfSSL holds and does not use (tls_trim.c). */
void tls_trim(WOLFSSL *ssl);
