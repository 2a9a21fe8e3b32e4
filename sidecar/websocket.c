// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Keys and their answers. SHA-1 guards nothing here: the answer only shows that whoever gave it
 * has read the key, and so speaks WebSocket.
 */
#include "sidecar/websocket.h"

#include <gcrypt.h>

#include "base/mem.h"

enum { SHA1_BYTES = 20 };

static const char ACCEPT_GUID[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/* Base64 (RFC 4648), padded. */
static void encode(const uint8_t *bytes, size_t len, char *text)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t group = (uint32_t)bytes[i] << 16;

		if (n > 1)
			group |= (uint32_t)bytes[i + 1] << 8;
		if (n > 2)
			group |= bytes[i + 2];
		for (size_t k = 0; k < 4; k++)
			*text++ = k <= n ? letters[group >> (18 - 6 * k) & 63] : '=';
	}
}

void websocket_key(const uint8_t nonce[WEBSOCKET_NONCE], char key[WEBSOCKET_KEY])
{
	encode(nonce, WEBSOCKET_NONCE, key);
}

void websocket_accept(struct http_text key, char accept[WEBSOCKET_ACCEPT])
{
	uint8_t digest[SHA1_BYTES];
	gcry_buffer_t parts[] = {
		{.data = (void *)(uintptr_t)key.data, .len = key.len},
		{.data = (void *)(uintptr_t)ACCEPT_GUID, .len = sizeof(ACCEPT_GUID) - 1},
	};

	gcry_check_version(NULL); // all the initialisation that a digest needs; may be repeated
	if (gcry_md_hash_buffers(GCRY_MD_SHA1, 0, digest, parts, array_len(parts)))
		abort(); // the algorithm is part of every libgcrypt
	encode(digest, sizeof(digest), accept);
}
