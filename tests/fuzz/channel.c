// SPDX-License-Identifier: GPL-3.0-or-later
/* What a peer may put into one packet: the first byte picks the message type, the rest is sent. */
#include <sys/socket.h>

#include "base/fd.h"
#include "base/mem.h"
#include "capakit/keeper/v1/keeper.pb-c.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"
#include "proto/channel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_message(void *owner, const ProtobufCMessage *message, int *fds, size_t n_fds)
{
	if (!protobuf_c_message_check(message))
		abort();
}

static void on_closed(void *owner, const struct err *why)
{
	loop_stop(owner);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const ProtobufCMessageDescriptor *const types[] = {
		&capakit__keeper__v1__request__descriptor,
		&capakit__keeper__v1__reply__descriptor,
		&capakit__keeper__v1__controller_request__descriptor,
		&capakit__keeper__v1__controller_reply__descriptor,
		&capakit__sidecar__v1__command__descriptor,
		&capakit__sidecar__v1__event__descriptor,
	};
	struct err err;
	struct loop *loop = loop_new(&err);
	struct channel *channel;
	int pair[2];

	if (!loop || !fd_socket_pair(SOCK_SEQPACKET, pair, &err))
		abort();
	channel = channel_new(loop, pair[0], types[size > 0 ? data[0] % array_len(types) : 0],
			      on_message, on_closed, loop);
	if (size > 1)
		(void)!send(pair[1], data + 1, size - 1, MSG_NOSIGNAL);
	fd_close(&pair[1]);
	loop_run(loop); // ends at the end of file, at the latest
	channel_free(&channel);
	loop_free(&loop);
	return 0;
}
