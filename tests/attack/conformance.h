// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What the files of attack-conformance share: a case sends frames, and says what must come of it.
 */
#include "floods_peer.h"

enum http2_error {
	NO_ERROR,
	PROTOCOL_ERROR,
	INTERNAL_ERROR,
	FLOW_CONTROL_ERROR,
	SETTINGS_TIMEOUT,
	STREAM_CLOSED,
	FRAME_SIZE_ERROR,
	REFUSED_STREAM,
	CANCEL,
	COMPRESSION_ERROR
};

enum wanted {
	ACCEPTED,   // the connection goes on: a request after it is answered
	CONNECTION, // GOAWAY with this error, and the end of the connection
	STREAM,	    // RST_STREAM of stream 1 with this error and the connection goes on, or as
		    // CONNECTION
	REFUSED,    // stream 1 gets another status than 200; the connection goes on
	HUNG_UP,    // the end of the connection, without an error
};

struct conformance {
	const char *name; // with the section of RFC 9113, or of RFC 7541 ("HPACK")
	void (*send)(struct peer *peer);
	enum wanted wanted;
	enum http2_error error;
	const char *(*check)(struct peer *peer); // optional, ACCEPTED and HUNG_UP: NULL when all is well
	bool silent;				 // `send` writes the preface itself
};

extern const struct conformance FRAME_CASES[];
extern const size_t N_FRAME_CASES;
extern const struct conformance MESSAGE_CASES[];
extern const size_t N_MESSAGE_CASES;

/* A request of the target's own host and path; `more`: names and values, up to a NULL. */
void request(struct peer *peer, uint32_t stream, uint8_t flags, const char *method,
	     const char *path, const char *const *more);
void get(struct peer *peer, uint32_t stream, const char *path);
void post(struct peer *peer, uint32_t stream, const char *path); // its body follows

/* Reads until a frame of that type came for the stream, or for a while. NULL: none came. */
const struct peer_seen *await_frame(struct peer *peer, enum frame_type type, uint32_t stream);
bool await_end(struct peer *peer, uint32_t stream); // of the answer
