// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * HTTP/1.1 heads by RFC 9112, strictly: what two parsers could read differently is refused, never
 * repaired. Pure functions over bytes; the caller keeps what is not complete and calls again.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "sidecar/http.h"

enum http1_result {
	HTTP1_OK,   // complete
	HTTP1_MORE, // more bytes are needed
	HTTP1_BAD,  // refused: `struct http1_error` says why; close the connection after the answer
};

struct http1_error {
	unsigned status;    // the one to answer with: 400, 414, 431, 501, 505
	const char *reason; // static
};

/*
 * One head at the beginning of `data`. Field names are put into lower case in place; parsing the
 * same bytes again gives the same result. *scanned is 0 for a new message and then kept by the
 * caller between calls that return HTTP1_MORE, as long as the bytes stay the same. HTTP1_OK: `head`
 * points into `data`, *used is its length with the empty line.
 * Any form of target passes that RFC 9112 knows; which are wanted is the caller's decision.
 */
enum http1_result http1_parse_request(char *data, size_t len, size_t *scanned,
				      struct http_head *head, size_t *used,
				      struct http1_error *error);

/* As above; `to_head`: the request was a HEAD, so no body follows. */
enum http1_result http1_parse_response(char *data, size_t len, size_t *scanned, bool to_head,
				       struct http_head *head, size_t *used,
				       struct http1_error *error);

/* A body that is being read (http1_body.c). */
struct http1_body {
	enum http_framing framing;
	uint64_t left;	  // of the body or of the chunk
	unsigned state;	  // of the chunked coding
	size_t trailers;  // bytes of trailer fields so far
	size_t line;	  // bytes of this chunk's size line so far
	struct buf *kept; // where trailer fields go; NULL: they are dropped
	bool ended;
};

/* For a head that was just parsed. */
void http1_body_start(struct http1_body *body, const struct http_head *head);

/*
 * Decodes from `data` into `out` as much as there is and as fits; *used says how much was read.
 * HTTP1_OK: the body has ended (bytes after it belong to the next message). HTTP1_MORE: needs more
 * input, or room in `out`. Trailer fields are checked, and kept in body->kept. A body that ends
 * with the connection never ends here: the caller sets `ended` at end of file.
 */
enum http1_result http1_body_decode(struct http1_body *body, const char *data, size_t len,
				    struct buf *out, size_t *used, struct http1_error *error);

/*
 * Writing (http1_write.c): into a buffer, false when it is full. Names and values must have come
 * from a parser or be constant: they are not checked again.
 */
bool http1_put_request_line(struct buf *out, struct http_text method, struct http_text target);
bool http1_put_status_line(struct buf *out, unsigned status, struct http_text reason);
bool http1_put_field(struct buf *out, struct http_text name, struct http_text value);
bool http1_put_length(struct buf *out, uint64_t content_length);
bool http1_put_chunked(struct buf *out);
bool http1_put_end(struct buf *out); // the empty line
