// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One connection a call: a command asks once, and a socket that nobody serves any more is told
 * from an app that does not answer.
 */
#include "controller/control/control_client.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "controller/control/app_folder.h"
#include "proto/grpc_client.h"

enum { STATUS_MS = 5000 };

#define SERVICE "/capakit.control.v1.Control/"

/* As fd_connect_unix, but it tells an app that is gone from one that cannot be reached. */
int control_connect(int folder, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", folder,
		       CONTROL_SOCKET);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return take_fd(&fd);
	if (fd >= 0 && (errno == ENOENT || errno == ECONNREFUSED))
		err_set(err, ERR_NO_APP, "the app does not run");
	else
		err_sys(err, errno, "connecting to the app's " CONTROL_SOCKET);
	return -1;
}

static ProtobufCMessage *call(int folder, const char *path, const ProtobufCMessage *request,
			      const ProtobufCMessageDescriptor *reply_type, unsigned timeout_ms,
			      struct err *err)
{
	auto_fd int fd = control_connect(folder, err);

	if (fd < 0)
		return NULL;
	return grpc_client_call(fd, path, request, reply_type, timeout_ms, err);
}

/* An app that ended while it was asked does not run; one that closes and is there has refused us.
 */
static void tell_ended_from_closed(int folder, struct err *err)
{
	struct err again;

	if (err->code != ERR_CLOSED)
		return;
	auto_fd int fd = control_connect(folder, &again);
	if (fd < 0 && again.code == ERR_NO_APP)
		*err = again;
}

control_status *control_get_status(int folder, unsigned timeout_ms, struct err *err)
{
	Capakit__Control__V1__GetStatusRequest request =
		CAPAKIT__CONTROL__V1__GET_STATUS_REQUEST__INIT;
	control_status *status = (void *)call(
		folder, SERVICE "GetStatus", &request.base,
		&capakit__control__v1__get_status_response__descriptor, timeout_ms, err);

	if (!status)
		tell_ended_from_closed(folder, err);
	if (status && !status->app) {
		control_status_free(&status);
		err_set(err, ERR_PROTOCOL, "the app's status is empty");
	}
	return status;
}

void control_status_free(control_status **status)
{
	control_status *gone = take_ptr(status);

	capakit__control__v1__get_status_response__free_unpacked(gone, NULL);
}

bool control_stop(int folder, uint32_t grace_ms, unsigned timeout_ms, struct err *err)
{
	Capakit__Control__V1__StopRequest request = CAPAKIT__CONTROL__V1__STOP_REQUEST__INIT;
	ProtobufCMessage *reply;

	request.grace_ms = grace_ms;
	reply = call(folder, SERVICE "Stop", &request.base,
		     &capakit__control__v1__stop_response__descriptor, timeout_ms, err);
	if (!reply)
		return false;
	protobuf_c_message_free_unpacked(reply, NULL);
	return true;
}

/* protobuf-c's structures have no const; packing only reads them. */
static char *readable(const char *text)
{
	return (char *)(uintptr_t)text;
}

bool control_restart(int folder, const char *workload, unsigned timeout_ms, struct err *err)
{
	Capakit__Control__V1__RestartWorkloadRequest request =
		CAPAKIT__CONTROL__V1__RESTART_WORKLOAD_REQUEST__INIT;
	ProtobufCMessage *reply;

	request.workload = readable(workload);
	reply = call(folder, SERVICE "RestartWorkload", &request.base,
		     &capakit__control__v1__restart_workload_response__descriptor, timeout_ms, err);
	if (!reply)
		return false;
	protobuf_c_message_free_unpacked(reply, NULL);
	return true;
}

bool control_revoke(int folder, const char *kit, const char *name, const char *workload,
		    unsigned *grants, struct err *err)
{
	Capakit__Control__V1__RevokeSecretRequest request =
		CAPAKIT__CONTROL__V1__REVOKE_SECRET_REQUEST__INIT;
	Capakit__Control__V1__RevokeSecretResponse *reply;

	request.kit = readable(kit);
	request.name = readable(name);
	request.workload = readable(workload);
	reply = (void *)call(folder, SERVICE "RevokeSecret", &request.base,
			     &capakit__control__v1__revoke_secret_response__descriptor, STATUS_MS,
			     err);
	if (!reply)
		return false;
	*grants = reply->grants;
	capakit__control__v1__revoke_secret_response__free_unpacked(reply, NULL);
	return true;
}

int control_open_process(int folder, struct err *err)
{
	control_status *status = control_get_status(folder, STATUS_MS, err);
	pid_t pid = status ? status->app->controller_pid : -1;
	int process;

	control_status_free(&status);
	if (pid < 0)
		return -1;
	process = (int)syscall(SYS_pidfd_open, pid, 0);
	if (process < 0 && errno == ESRCH)
		err_set(err, ERR_NO_APP, "the app does not run");
	else if (process < 0)
		err_sys(err, errno, "watching the controller, process %d", (int)pid);
	return process;
}
