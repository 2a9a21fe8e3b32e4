// SPDX-License-Identifier: GPL-3.0-or-later
/* What a client may send to the control API, after HTTP/2's preface: any frames. */
#include <stdlib.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/mem.h"
#include "capakit/control/v1/control.pb-c.h"
#include "proto/grpc_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char PREFACE[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";

static void on_call(void *owner, const ProtobufCMessage *request, struct grpc_call *call)
{
	Capakit__Control__V1__StopResponse reply = CAPAKIT__CONTROL__V1__STOP_RESPONSE__INIT;

	if (!protobuf_c_message_check(request))
		abort();
	grpc_call_reply(call, &reply.base);
}

static const struct grpc_method METHODS[] = {
	{"/s/Stop", &capakit__control__v1__stop_request__descriptor, on_call},
};

static void on_quiet(struct loop_timer *timer)
{
	loop_stop(timer->loop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err;
	struct loop *loop = loop_new(&err);
	struct loop_timer quiet;
	struct grpc_server *server;
	int pair[2];

	if (!loop || !fd_socket_pair(SOCK_STREAM, pair, &err))
		abort();
	server = grpc_server_new(loop, METHODS, array_len(METHODS), NULL);
	grpc_server_accept(server, pair[0]);
	(void)!send(pair[1], PREFACE, sizeof(PREFACE) - 1, MSG_NOSIGNAL);
	(void)!send(pair[1], data, size, MSG_NOSIGNAL);
	(void)shutdown(pair[1], SHUT_WR);
	loop_timer_init(&quiet, loop, on_quiet);
	loop_timer_start(&quiet, 1); // what was sent is read before this
	loop_run(loop);
	grpc_server_free(&server);
	fd_close(&pair[1]);
	loop_free(&loop);
	return 0;
}
