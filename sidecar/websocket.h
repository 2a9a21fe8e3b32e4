// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The handshake of WebSockets in HTTP/1.1 (RFC 6455, section 4): keys, and the answers to them. */
#include <stdint.h>

#include "sidecar/http.h"

enum { WEBSOCKET_NONCE = 16 };			    // bytes
enum { WEBSOCKET_KEY = 24, WEBSOCKET_ACCEPT = 28 }; // bytes of text

/* The value of Sec-WebSocket-Key for a random nonce; no NUL behind it. */
void websocket_key(const uint8_t nonce[WEBSOCKET_NONCE], char key[WEBSOCKET_KEY]);

/* What Sec-WebSocket-Accept has to say to this key; no NUL behind it. */
void websocket_accept(struct http_text key, char accept[WEBSOCKET_ACCEPT]);
