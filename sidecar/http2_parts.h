// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* What http2.c (the session) and its two sides, http2_client.c and http2_server.c, share. */
#include <nghttp2/nghttp2.h>

#include "base/num.h"
#include "sidecar/http2.h"
#include "sidecar/http2_numbers.h"

/* Each name and value of the head being received is a counted reference into nghttp2's memory. */
#define H2_REFERENCES_MAX (2 * (HTTP_HEADERS_MAX + 8))

struct h2 {
	nghttp2_session *session;
	struct turn *turn;
	size_t memory; // of nghttp2
	enum h2_side side;
	const struct h2_owner *ops;
	void *owner;
	struct exchanges clients;	// CLIENT: exchanges whose back is a stream here
	LIST_HEAD(, h2_stream) streams; // SERVER
	size_t n_streams;
	struct h2_numbers numbers; // SERVER
	/* The head that is being received; the frames of one head never mix with others. */
	struct http_head head;
	nghttp2_rcbuf *references[H2_REFERENCES_MAX];
	size_t n_references;
	uint64_t head_begun; // loop_now; 0: none is
	size_t head_bytes;   // with H2_FIELD_COST for each field
	size_t field_bytes;  // of the names and values that were kept
	bool head_too_large;
	bool odd_expectation; // of the head: one that nobody here can meet
	uint64_t idle_frames; // lately, and the second they were counted in
	uint64_t idle_second;
	const char *refusal; // why a callback ended the session
};

/*
 * Between sidecars: the answer to an extended CONNECT is the workload's refusal of the upgrade,
 * with a 2xx of its own, which else would mean success. As x-capakit-*, nobody else can send it.
 */
#define H2_REFUSED_UPGRADE "x-capakit-no-upgrade"

/* The fields of a message as nghttp2 wants them. */
struct h2_fields {
	nghttp2_nv nv[HTTP_HEADERS_MAX + 16];
	size_t n;
	char status[NUM_U64_DIGITS];
	char length[NUM_U64_DIGITS];
};

void h2_add_field(struct h2_fields *fields, struct http_text name, struct http_text value);
/* The same; the bytes of the name stay, and need no copy: a literal. */
void h2_add_named(struct h2_fields *fields, struct http_text name, struct http_text value);
void h2_add_same(struct h2_fields *fields, const struct http_field *field);
void h2_add_passing(struct h2_fields *fields, const struct http_head *head, unsigned drop);
void h2_add_status(struct h2_fields *fields, unsigned status);
void h2_add_length(struct h2_fields *fields, uint64_t length);

/* Copies bytes of a body into a frame; NGHTTP2_ERR_DEFERRED when there are none yet. Trailers
 * follow it. */
ssize_t h2_fill_data(struct h2 *h2, int32_t stream, struct exchange_body *body, uint8_t *to,
		     size_t size, uint32_t *flags, size_t *taken);

/* The head that was received is trailers: puts them behind the body. False: they are too long. */
bool h2_take_trailers(struct h2 *h2, struct exchange_body *body);

/*
 * The bytes of a body may be forgotten by flow control: the stream's window opens again by so much,
 * and becomes as wide as it now may be.
 */
void h2_consumed(struct h2 *h2, int32_t stream, struct exchange *x, struct exchange_body *body,
		 size_t n);

/* http2_client.c: a head (final, interim, or trailers), body bytes, the end, of the stream of x. */
void h2_client_head(struct h2 *h2, struct exchange *x, bool ended);
void h2_client_data(struct h2 *h2, int32_t stream, struct exchange *x, const uint8_t *data,
		    size_t len);
void h2_client_ended(struct exchange *x);
void h2_client_closed(struct h2 *h2, struct exchange *x, uint32_t error);

/*
 * http2_head.c, for nghttp2's callbacks: a head begins, with its fields, one of which may be
 * malformed; it is complete; its references go.
 */
int h2_head_begin(nghttp2_session *session, const nghttp2_frame *frame, void *h2);
int h2_head_field(nghttp2_session *session, const nghttp2_frame *frame, nghttp2_rcbuf *name,
		  nghttp2_rcbuf *value, uint8_t flags, void *h2);
int h2_head_bad_field(nghttp2_session *session, const nghttp2_frame *frame, nghttp2_rcbuf *name,
		      nghttp2_rcbuf *value, uint8_t flags, void *h2);
void h2_head_finish(struct h2 *h2, bool ended);
void h2_head_drop(struct h2 *h2);

/* What a callback returns when the session is to end, and why: it asks for too much. */
int h2_give_up(struct h2 *h2, const char *why);

/*
 * http2_websocket.c: makes a request for an upgrade of a CONNECT; false: it is no WebSocket. The
 * status of a response to x. The fields of the one that opens a tunnel, for a client.
 */
bool h2_take_connect(struct http_head *head);
unsigned h2_connect_status(const struct exchange *x, const struct http_head *head);
void h2_add_opened(struct h2_fields *fields, const struct http_head *head);

/* http2_server.c */
struct h2_stream;
void h2_server_head(struct h2 *h2, int32_t stream, bool ended);
void h2_server_data(struct h2 *h2, struct h2_stream *stream, const uint8_t *data, size_t len);
void h2_server_trailers(struct h2 *h2, struct h2_stream *stream);
void h2_server_ended(struct h2_stream *stream);
void h2_server_closed(struct h2_stream *stream, uint32_t error);
void h2_server_sent_end(struct h2_stream *stream);
void h2_server_close_all(struct h2 *h2);
