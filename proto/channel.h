// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A channel is one end of a SOCK_SEQPACKET pair (unix(7)) between two of our own processes:
 * one protobuf message a packet, with descriptors beside it (SCM_RIGHTS). The messages are in
 * capakit/sidecar/v1 and capakit/keeper/v1; each says which descriptor it carries.
 * A peer that sends what cannot be decoded, or more than the limits allow, is dropped: the
 * channel reports ERR_PROTOCOL and is of no further use.
 */
#include <protobuf-c/protobuf-c.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/loop.h"

struct channel;

/*
 * A message that arrived, already unpacked by the descriptor given to channel_new; freed after
 * the callback. Descriptors that the callback does not take (take_fd) are closed after it.
 */
typedef void channel_message_fn(void *owner, const ProtobufCMessage *message, int *fds,
				size_t n_fds);

/* The peer went away (ERR_CLOSED) or was dropped (ERR_PROTOCOL, ERR_LIMIT). Called at most once. */
typedef void channel_closed_fn(void *owner, const struct err *why);

/* Takes the descriptor `fd`. `type` is the message type that the peer sends. */
struct channel *channel_new(struct loop *loop, int fd, const ProtobufCMessageDescriptor *type,
			    channel_message_fn *on_message, channel_closed_fn *on_closed,
			    void *owner);

/* Closes and frees; allowed inside its own callbacks. */
void channel_free(struct channel **channel);

/*
 * Sends, or queues behind a slow peer (CHANNEL_QUEUE_MAX). The descriptors are duplicated when
 * they must wait, so the caller keeps its own. False with ERR_LIMIT or ERR_CLOSED.
 */
must_check bool channel_send(struct channel *channel, const ProtobufCMessage *message,
			     const int *fds, size_t n_fds, struct err *err);
