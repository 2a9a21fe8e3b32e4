// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The head of one HTTP message, whichever version it came in (RFC 9110). All text points into
 * the bytes it was parsed from; a head owns nothing and is good as long as those bytes are.
 * Field names are in lower case.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/limits.h"

struct http_text {
	const char *data;
	size_t len;
};

/* Fields that this program treats in a way of their own; every other is HTTP_FIELD_OTHER. */
enum http_field_id {
	HTTP_FIELD_OTHER,
	HTTP_FIELD_HOST,
	HTTP_FIELD_CONTENT_LENGTH,
	HTTP_FIELD_TRANSFER_ENCODING,
	HTTP_FIELD_CONNECTION,
	HTTP_FIELD_HOP, // keep-alive, proxy-connection, te, trailer, upgrade, http2-settings
	HTTP_FIELD_EXPECT,
	HTTP_FIELD_COOKIE,
	HTTP_FIELD_FORWARDED, // forwarded, x-forwarded-*, x-real-ip
	HTTP_FIELD_HOPS,      // x-capakit-hops
	HTTP_FIELD_CAPAKIT,   // any other x-capakit-*
	HTTP_FIELD_LOCATION,
	HTTP_FIELD_CONTENT_LOCATION,
	HTTP_FIELD_SET_COOKIE,
	HTTP_FIELD_TRACEPARENT,
	HTTP_FIELD_TRACESTATE,
};

#define HTTP_DROP(id) (1u << (id)) // an element of a set of fields

struct http_field {
	struct http_text name;
	struct http_text value;
	enum http_field_id id;
	bool hop;      // belongs to one connection (RFC 9110, section 7.6.1): never passed on
	bool constant; // the name's bytes are the program's own, and stay
};

enum http_target_form { // RFC 9112, section 3.2
	HTTP_TARGET_ORIGIN,
	HTTP_TARGET_ABSOLUTE,
	HTTP_TARGET_AUTHORITY, // with CONNECT, and with nothing else
	HTTP_TARGET_ASTERISK,
};

enum http_framing {
	HTTP_BODY_NONE,
	HTTP_BODY_LENGTH,
	HTTP_BODY_CHUNKED,
	HTTP_BODY_UNTIL_CLOSE, // responses only
	HTTP_BODY_STREAM,      // framed by the protocol below (HTTP/2)
	HTTP_BODY_TUNNEL, // bytes until either side ends: an upgrade that is asked for, or made
};

struct http_head {
	/* Requests */
	struct http_text method;
	struct http_text target;
	struct http_text protocol; // of an extended CONNECT (RFC 8441), on its way in only
	struct http_text host;	   // the authority: of the Host field or of :authority
	enum http_target_form form;
	/* Responses */
	unsigned status;
	struct http_text reason;
	/* Both */
	unsigned minor; // of HTTP/1.x
	bool keep_alive;
	bool expect_continue;
	bool upgrade; // Connection names Upgrade
	enum http_framing framing;
	bool has_length;
	uint64_t content_length; // with has_length
	size_t n_fields;
	struct http_field fields[HTTP_HEADERS_MAX];
};

#define HTTP_TEXT(literal) ((struct http_text){(literal), sizeof(literal) - 1})

struct http_text http_text_of(const char *text);
bool http_text_is_nocase(struct http_text text, const char *other); // `other` in lower case

/* Exactly. Here, so that the compiler knows the length of a literal. */
static inline bool http_text_is(struct http_text text, const char *other)
{
	return strlen(other) == text.len && memcmp(text.data, other, text.len) == 0;
}

/* Of a name in lower case. */
enum http_field_id http_field_id(const char *name, size_t len);

/* Empty, with room for fields. */
void http_head_reset(struct http_head *head);

/* False when the head is full. `name` is in lower case; its id, `hop` and `constant` are set. */
bool http_head_add(struct http_head *head, struct http_text name, struct http_text value);

/* The first field of that name (in lower case), or NULL. */
const struct http_field *http_head_find(const struct http_head *head, const char *name);

/* Marks the fields that Connection names as `hop`. False when it names too many. */
bool http_head_mark_hops(struct http_head *head);

/*
 * May this field go on to the next hop as it is? Not what belongs to the connection, what frames or
 * addresses the message (written anew at each hop), nor x-capakit-*, which only sidecars set.
 */
static inline bool http_field_passes(const struct http_field *field)
{
	return !field->hop && field->id != HTTP_FIELD_HOST &&
	       field->id != HTTP_FIELD_CONTENT_LENGTH && field->id != HTTP_FIELD_EXPECT &&
	       field->id != HTTP_FIELD_HOPS && field->id != HTTP_FIELD_CAPAKIT;
}

/*
 * A name, an address or nothing, with a port or without: no character that ends an authority, and
 * no user (RFC 9110, section 4.2.4).
 */
bool http_text_is_host(struct http_text text);

/* A request for, or an answer that makes, an upgrade to `websocket`, and to nothing else. */
bool http_head_is_websocket(const struct http_head *head);

/* A method that may be sent again without harm (RFC 9110, section 9.2.2). */
bool http_method_idempotent(struct http_text method);

/* The reason phrase of a status, for responses made here and for those that come by HTTP/2. */
const char *http_reason(unsigned status);

/* May a response with this status to this method have a body? (RFC 9110, section 6.4.1) */
bool http_response_has_body(unsigned status, bool to_head);
