// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * What gRPC puts into HTTP/2 (PROTOCOL-HTTP2.md of the gRPC project): the five bytes before a
 * message, the timeout, the status and its text. Pure: no socket, no HTTP/2 library.
 */
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Status codes of gRPC that are used here; the numbers are the protocol's. */
enum grpc_status {
	GRPC_OK = 0,
	GRPC_CANCELLED = 1,
	GRPC_UNKNOWN = 2,
	GRPC_INVALID_ARGUMENT = 3,
	GRPC_DEADLINE_EXCEEDED = 4,
	GRPC_NOT_FOUND = 5,
	GRPC_PERMISSION_DENIED = 7,
	GRPC_RESOURCE_EXHAUSTED = 8,
	GRPC_FAILED_PRECONDITION = 9,
	GRPC_UNIMPLEMENTED = 12,
	GRPC_INTERNAL = 13,
	GRPC_UNAVAILABLE = 14,
};

enum { GRPC_PREFIX = 5 }; // a flag and a length of four bytes, big-endian

/* Collects exactly one message from pieces of any size. */
struct grpc_reader {
	uint8_t prefix[GRPC_PREFIX];
	size_t prefix_len;
	size_t length; // of the message; valid once the prefix is whole
	struct buf message;
};

/* A verdict: GRPC_OK, or the status and a static text to end the call with. */
struct grpc_verdict {
	enum grpc_status status;
	const char *text;
};

void grpc_reader_init(struct grpc_reader *reader, size_t message_max);
void grpc_reader_free(struct grpc_reader *reader);
struct grpc_verdict grpc_reader_feed(struct grpc_reader *reader, const uint8_t *data, size_t len);
struct grpc_verdict grpc_reader_finish(const struct grpc_reader *reader); // at the stream's end

/* Appends prefix and message; false when they do not fit. */
bool grpc_frame_append(struct buf *out, const ProtobufCMessage *message);

/* The header grpc-timeout ("100m"), rounded up to whole milliseconds. */
bool grpc_timeout_parse(const char *text, size_t len, uint64_t *milliseconds);

/* The header grpc-status: decimal, at most two digits. */
bool grpc_status_parse(const char *text, size_t len, unsigned *status);

/* The header grpc-message: percent-encoding of all that is not printable ASCII, and of '%'. */
void grpc_message_encode(struct buf *out, const char *text);
void grpc_message_decode(struct buf *out, const char *text, size_t len); // lenient

/* content-type is application/grpc, or that with +proto, or with parameters. */
bool grpc_content_type_ok(const char *text, size_t len);
