// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A peer that speaks HTTP/2 as it likes, on a link (with TLS done properly) or in clear text:
 * frames are written byte by byte, and what comes back is counted and the last of it remembered.
 * It never waits longer than PEER_PATIENCE_MS.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sidecar_pair.h"

enum { PEER_PATIENCE_MS = 3000, PEER_SEEN = 512, PEER_HEAD = 64 };

enum frame_type {
	FRAME_DATA,
	FRAME_HEADERS,
	FRAME_PRIORITY,
	FRAME_RST_STREAM,
	FRAME_SETTINGS,
	FRAME_PUSH_PROMISE,
	FRAME_PING,
	FRAME_GOAWAY,
	FRAME_WINDOW_UPDATE,
	FRAME_CONTINUATION,
	FRAME_TYPES
};
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4, PADDED = 8, PRIORITY = 32 };

struct peer_seen { // a frame that came
	uint8_t type, flags;
	uint32_t stream;
	uint32_t length;
	uint8_t head[PEER_HEAD]; // its first bytes
};

struct peer {
	int fd;
	const char *authority; // of what peer_get asks for; "b" on a link
	char own_authority[32];
	bool server; // it was called
	bool closed; // by the victim
	struct tls_context *context;
	struct tls_session *tls; // NULL: clear text
	uint8_t out[16384];
	size_t n_out;
	size_t preface;	   // bytes of it that are still to come
	uint8_t header[9]; // of the frame that is being read
	size_t n_header;
	size_t left; // of its payload
	uint8_t head[PEER_HEAD];
	size_t n_head;
	struct peer_seen seen[PEER_SEEN]; // the first that came
	size_t n_seen;
	unsigned counts[FRAME_TYPES]; // of frames that came
	unsigned ended;		      // streams that were answered to the end
	unsigned resets;
	uint32_t last_reset;   // its error code
	uint32_t goaway_error; // UINT32_MAX: none came
	uint8_t status_byte;   // the first of the last header block: 0x88 is ":status: 200"
	size_t data;	       // bytes of bodies
	uint8_t last_text[PEER_HEAD + 1]; // the beginning of the last DATA frame that had any
};

/* As PAIR_HOSTILE_NAME, a hostile caller of b, or (server) callee of a: TLS, the preface and
 * SETTINGS. False: refused. */
bool peer_open(struct peer *peer, struct sidecar_pair *pair, bool server);

/* In clear text, on a connected socket; without the preface when `silent`. */
bool peer_open_plain(struct peer *peer, int fd, bool silent);
bool peer_open_edge(struct peer *peer, const struct sidecar_pair *pair); // with its authority
void peer_close(struct peer *peer);
bool peer_put(struct peer *peer, const void *data, size_t len); // bytes that may be no frame

/* False once the victim has closed the link, or takes nothing for PEER_PATIENCE_MS. */
bool peer_frame(struct peer *peer, enum frame_type type, uint8_t flags, uint32_t stream,
		const void *payload, size_t len);
bool peer_flush(struct peer *peer);

/* What the other side has said of it last; 0: nothing. */
uint32_t peer_setting(const struct peer *peer, uint16_t id);

/* Reads for so long, or until the link is closed. */
void peer_read(struct peer *peer, int ms);

/* A header block without compression: pairs of names and values, up to a NULL; \1 becomes NUL. Its
 * length. */
size_t peer_block(uint8_t *to, const char *const *fields);
/* GET of a path, as a whole request. */
bool peer_get(struct peer *peer, uint32_t stream, const char *path);
