// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Mutual TLS 1.3 (RFC 8446) of a link, over memory: this moves no bytes between processes. The
 * owner puts what arrived into tls_in, calls, and sends what is in tls_out.
 * One suite (TLS_AES_256_GCM_SHA384; TLS_CHACHA20_POLY1305_SHA256 where the CPU has no AES),
 * X25519, Ed25519, no tickets, no early data, both sides verified, and the peer must have exactly
 * the one URI SAN that it was expected to have.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "certs/identity.h"

/*
 * Once per process, before anything else of certs/: libgcrypt, wolfSSL and the record cipher. Call
 * it before the process is confined: wolfSSL opens /dev/urandom here, once; from then on nothing
 * of certs/ opens a file. With too little locked memory it warns in the log and goes on.
 */
must_check bool tls_init(struct err *err);

/* How many records went through the hardware record cipher since tls_init (for tests, status). */
uint64_t tls_hardware_records(void);

enum tls_side { TLS_CLIENT, TLS_SERVER };

enum tls_status {
	TLS_OK,
	TLS_AGAIN,  // more ciphertext from the peer is needed (feed tls_in), or tls_out is full
	TLS_CLOSED, // the peer ended the connection properly (close_notify)
	TLS_FAILED, // fatal; an alert may wait in tls_out
};

struct tls_context; // one identity's key and certificate, used by any number of sessions
struct tls_session;

/* NULL when the identity has no certificate yet. Copies what it needs from the identity. */
struct tls_context *tls_context_new(const struct identity *identity, struct err *err);
void tls_context_free(struct tls_context **context); // sessions made of it may live on

/*
 * Of a client to hosts outside, who are no peers of ours: TLS 1.2 or 1.3, verified against the
 * authorities in `pem`, without a certificate of its own. ERR_MISSING when there is none in it.
 */
struct tls_context *tls_context_new_outside(const char *pem, size_t len, struct err *err);

/*
 * `peer_uri` is copied. Each buffer is bounded by max_buffer bytes (at least TLS_BUFFER_MIN);
 * tls_out may hold 256 more, for alerts and key updates.
 */
struct tls_session *tls_session_new(struct tls_context *context, enum tls_side side,
				    const char *peer_uri, size_t max_buffer, struct err *err);

/* Of a context for hosts outside: the certificate must be for the name `host`. */
struct tls_session *tls_session_new_outside(struct tls_context *context, const char *host,
					    size_t max_buffer, struct err *err);
void tls_session_free(struct tls_session **session);

struct buf *tls_in(struct tls_session *session);  // ciphertext from the peer
struct buf *tls_out(struct tls_session *session); // ciphertext to the peer

/* Call first (a client has something to send at once), then whenever tls_in grew, until TLS_OK. */
enum tls_status tls_handshake(struct tls_session *session, struct err *err);

/*
 * After the handshake. Reads until TLS_AGAIN: what was decrypted is not announced again.
 * TLS_OK: *got bytes (> 0) are in `data`.
 */
enum tls_status tls_read(struct tls_session *session, void *data, size_t size, size_t *got,
			 struct err *err);

/*
 * Encrypts all of `data` into tls_out, or nothing and TLS_AGAIN when tls_out has not room enough
 * (tls_sealed_size says how much is needed).
 */
enum tls_status tls_write(struct tls_session *session, const void *data, size_t len,
			  struct err *err);
size_t tls_sealed_size(size_t len);

void tls_close(struct tls_session *session); // puts close_notify into tls_out, once

/* Of a session whose handshake is done, for status and tests: "TLS_AES_256_GCM_SHA384", "TLSv1.3".
 */
const char *tls_cipher(const struct tls_session *session);
const char *tls_version(const struct tls_session *session);
