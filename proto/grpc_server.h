// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A gRPC server for unary calls on connected stream sockets. What a client may do to it is
 * bounded by limits.h (GRPC_*): one that sends garbage, floods, stops reading or stays idle is
 * dropped, and nothing that it sends reaches an assertion. One thread, driven by the loop.
 */
#include <protobuf-c/protobuf-c.h>

#include "base/loop.h"
#include "proto/grpc_frame.h"

struct grpc_server;

/*
 * A call that waits for its answer. It is given to a handler, which answers it exactly once, at
 * once or later, and may not touch it afterwards. Answering a call whose client or server is gone
 * is fine and does nothing.
 */
struct grpc_call;

/* `request` is freed after the handler returns. A handler may free the server. */
typedef void grpc_handler_fn(void *owner, const ProtobufCMessage *request, struct grpc_call *call);

struct grpc_method {
	const char *path; // "/capakit.control.v1.Control/GetStatus"
	const ProtobufCMessageDescriptor *request;
	grpc_handler_fn *handler;
};

/* `methods` is kept, not copied. */
struct grpc_server *grpc_server_new(struct loop *loop, const struct grpc_method *methods,
				    size_t n_methods, void *owner);

/* Takes the connected, non-blocking socket `fd`. */
void grpc_server_accept(struct grpc_server *server, int fd);

/* Sends what can be sent at once, then closes all connections; calls that wait are forgotten. */
void grpc_server_free(struct grpc_server **server);

/* A reply over GRPC_REPLY_MAX becomes RESOURCE_EXHAUSTED. What fits is written before it returns.
 */
void grpc_call_reply(struct grpc_call *call, const ProtobufCMessage *reply);
void grpc_call_fail(struct grpc_call *call, enum grpc_status status, const char *text);
