// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The end of a link that an impostor has: any certificate, TLS that blocks, and a little HTTP/2.
 * What cannot go on ends the process with a failed case.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "certs/authority.h"
#include "certs/tls.h"

enum { BUFFER = 128 * 1024, TEXT = 2048, HOUR = 3600 };

/* With a certificate for `uri` by this authority that begins at `now`. */
struct identity *new_identity(struct authority *authority, const char *uri, time_t now,
			      uint32_t lifetime_s);
struct tls_context *context_of(struct authority *authority, const char *uri, time_t now,
			       uint32_t lifetime_s);

/* Takes the identity. It trusts the sidecar's authority, whoever issued its own certificate: else
 * it would end the handshake itself. */
struct tls_context *trusting_context(struct identity *identity);

/* Like a real one of this name in everything but the signature, which is its own. */
struct tls_context *self_signed_context(const char *uri);

struct peer {
	int fd;
	struct tls_session *tls;
};

void peer_begin(struct peer *peer, int fd, struct tls_context *context, enum tls_side side,
		const char *expects); // takes fd
void peer_end(struct peer *peer);
bool shake_hands(struct peer *peer);
size_t read_plain(struct peer *peer, uint8_t *data, size_t size); // 0 at any kind of end

/* The bytes of HTTP/2 with which a client asks for `path`. */
void put_request(struct buf *out, const char *path);

/* What a caller at this end of a link gets for `path`: the body, or "refused". Takes fd. */
void call(int fd, struct tls_context *context, const char *path, char text[TEXT]);
