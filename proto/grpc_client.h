// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * One unary gRPC call over a connected stream socket, blocking with a timeout: for the command
 * line. A server that answers with too much, or with what is not gRPC, is an error.
 */
#include <protobuf-c/protobuf-c.h>

#include "base/err.h"
#include "proto/grpc_frame.h"

/*
 * Calls `path` on the connected socket `fd` (non-blocking; it stays the caller's and is of no
 * further use). The reply is freed with protobuf_c_message_free_unpacked. NULL: a status of the
 * server other than OK becomes the error code that is nearest to it, its text the error's text.
 */
ProtobufCMessage *grpc_client_call(int fd, const char *path, const ProtobufCMessage *request,
				   const ProtobufCMessageDescriptor *reply_type,
				   unsigned timeout_ms, struct err *err);
