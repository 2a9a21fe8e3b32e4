// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The control API of a running app on its control.sock (docs/control-api.md). It accepts the
 * owner of the app and root, by the kernel's word (SO_PEERCRED), and closes everybody else's
 * connection without an answer.
 */
#include <stdint.h>
#include <sys/types.h>

#include "base/loop.h"
#include "proto/grpc_server.h"

struct control_service;

/* Each answers its call exactly once, now or later, and may free the service. */
struct control_handlers {
	void (*status)(void *owner, struct grpc_call *call); // with a GetStatusResponse
	void (*stop)(void *owner, uint32_t grace_ms, struct grpc_call *call); // StopResponse
	void (*restart)(void *owner, const char *workload,
			struct grpc_call *call); // RestartWorkloadResponse
	/* `workload` "": from all. RevokeSecretResponse. */
	void (*revoke)(void *owner, const char *kit, const char *name, const char *workload,
		       struct grpc_call *call);
};

/* Takes the listening, non-blocking socket. `handlers` is copied. */
struct control_service *control_service_new(struct loop *loop, int listener, uid_t user,
					    const struct control_handlers *handlers, void *owner);

/* Answers that were given already are sent first; connections are closed, the socket too. */
void control_service_free(struct control_service **service);
