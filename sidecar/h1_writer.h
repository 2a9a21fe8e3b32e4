// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One HTTP/1.1 message on its way into a socket: a head, then a body taken straight from the queue
 * of an exchange, framed with Content-Length, chunked, or by the end of the connection. As much as
 * can be goes into one system call.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "sidecar/exchange.h"

enum h1_write {
	H1_WRITE_DONE,	  // the whole message is out
	H1_WRITE_IDLE,	  // all that there is so far is out
	H1_WRITE_BLOCKED, // the socket takes no more for now
	H1_WRITE_FAILED,  // the peer is gone
};

struct h1_writer {
	struct buf head; // heads, interim ones too, and trailers; kept whole until h1_writer_reset
	size_t head_sent;
	char frame[32]; // of the chunked coding: what comes before the next body byte
	size_t frame_len;
	size_t frame_sent;
	size_t chunk_left; // body bytes of the current chunk
	bool chunked;
	bool last_chunk; // the end of the chunked coding is in `frame`
	bool complete;	 // the final head is in `head`
	bool has_body;
};

void h1_writer_init(struct h1_writer *writer);
void h1_writer_free(struct h1_writer *writer);
void h1_writer_reset(struct h1_writer *writer); // for the next message

size_t h1_writer_waiting(const struct h1_writer *writer); // memory of a head that is not out yet

/* The final head has been put into writer->head; how its body is framed. */
void h1_writer_head_done(struct h1_writer *writer, enum http_framing framing);

/* Writes; *taken says how many bytes of the body were consumed. */
enum h1_write h1_writer_flush(struct h1_writer *writer, int fd, struct exchange_body *body,
			      size_t *taken);
