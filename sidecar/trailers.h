// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Trailer fields (RFC 9110, section 6.5) between the versions of HTTP: kept behind a body as lines
 * "name: value" with CR LF, which is how HTTP/1.1 writes them.
 */
#include "base/buf.h"
#include "sidecar/http.h"

/*
 * Appends the field, unless it may not be a trailer: what frames or routes the message, says who
 * asks, or how the body is to be read. False when there is no room. The name is in lower case.
 */
bool trailers_add(struct buf *lines, struct http_text name, struct http_text value);

/* Takes the next field off the front; false at the end. */
bool trailers_next(struct http_text *lines, struct http_text *name, struct http_text *value);

/* Makes lines as they came in HTTP/1.1, checked by byte, into what trailers_add would have made. */
void trailers_filter(struct buf *lines);

static inline struct http_text trailers_text(const struct buf *lines)
{
	return (struct http_text){(const char *)buf_bytes(lines), buf_len(lines)};
}
