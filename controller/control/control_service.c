// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The server side of the control API: who may connect, and the table of its methods. What a
 * method does is the controller's business, behind the callbacks.
 */
#include "controller/control/control_service.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "capakit/control/v1/control.pb-c.h"

enum {
	ACCEPT_BATCH = 8,
	ACCEPT_PAUSE_MS = 200, // when descriptors have run out
};

struct control_service {
	struct control_handlers handlers;
	void *owner;
	uid_t user;
	int listener;
	struct loop_io io;
	struct loop_timer pause;
	struct grpc_server *server;
};

static void on_get_status(void *owner, const ProtobufCMessage *request, struct grpc_call *call)
{
	struct control_service *service = owner;

	service->handlers.status(service->owner, call);
}

static void on_stop(void *owner, const ProtobufCMessage *request, struct grpc_call *call)
{
	struct control_service *service = owner;
	const Capakit__Control__V1__StopRequest *stop = (const void *)request;

	service->handlers.stop(service->owner, stop->grace_ms, call);
}

static void on_restart(void *owner, const ProtobufCMessage *request, struct grpc_call *call)
{
	struct control_service *service = owner;
	const Capakit__Control__V1__RestartWorkloadRequest *restart = (const void *)request;

	service->handlers.restart(service->owner, restart->workload, call);
}

static void on_revoke(void *owner, const ProtobufCMessage *request, struct grpc_call *call)
{
	struct control_service *service = owner;
	const Capakit__Control__V1__RevokeSecretRequest *revoke = (const void *)request;

	service->handlers.revoke(service->owner, revoke->kit, revoke->name, revoke->workload, call);
}

static const struct grpc_method METHODS[] = {
	{"/capakit.control.v1.Control/GetStatus",
	 &capakit__control__v1__get_status_request__descriptor, on_get_status},
	{"/capakit.control.v1.Control/Stop", &capakit__control__v1__stop_request__descriptor,
	 on_stop},
	{"/capakit.control.v1.Control/RestartWorkload",
	 &capakit__control__v1__restart_workload_request__descriptor, on_restart},
	{"/capakit.control.v1.Control/RevokeSecret",
	 &capakit__control__v1__revoke_secret_request__descriptor, on_revoke},
};

static bool is_welcome(const struct control_service *service, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	if (peer.uid == service->user || peer.uid == 0)
		return true;
	log_warn("control: user %u tried to connect and was refused", (unsigned)peer.uid);
	return false;
}

/* False: there is nobody else to accept now. */
static bool accept_one(struct control_service *service)
{
	auto_fd int fd = accept4(service->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
		return true;
	if (fd < 0 && errno != EAGAIN) {
		loop_io_want(&service->io, 0);
		loop_timer_start(&service->pause, ACCEPT_PAUSE_MS);
	}
	if (fd < 0)
		return false;
	if (is_welcome(service, fd))
		grpc_server_accept(service->server, take_fd(&fd));
	return true;
}

static void on_listener(struct loop_io *io, int events)
{
	struct control_service *service = container_of(io, struct control_service, io);

	for (int i = 0; i < ACCEPT_BATCH; i++)
		if (!accept_one(service))
			return;
}

static void on_pause_end(struct loop_timer *timer)
{
	struct control_service *service = container_of(timer, struct control_service, pause);

	loop_io_want(&service->io, LOOP_READ);
}

struct control_service *control_service_new(struct loop *loop, int listener, uid_t user,
					    const struct control_handlers *handlers, void *owner)
{
	struct control_service *service = xcalloc(1, sizeof(*service));

	service->handlers = *handlers;
	service->owner = owner;
	service->user = user;
	service->listener = listener;
	service->server = grpc_server_new(loop, METHODS, array_len(METHODS), service);
	loop_timer_init(&service->pause, loop, on_pause_end);
	loop_io_init(&service->io, loop, listener, on_listener);
	loop_io_want(&service->io, LOOP_READ);
	return service;
}

void control_service_free(struct control_service **service)
{
	struct control_service *gone = take_ptr(service);

	if (!gone)
		return;
	loop_io_stop(&gone->io);
	loop_timer_stop(&gone->pause);
	grpc_server_free(&gone->server);
	fd_close(&gone->listener);
	free(gone);
}
