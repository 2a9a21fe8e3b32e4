// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A listening socket that was handed to this process, and the HTTP connections that came
 * through it. With LISTENER_CONNECTIONS_MAX of them the one that was idle longest makes room; when
 * all are busy, or without a free descriptor, it waits with accepting, and clients queue in the
 * kernel.
 */
#include "base/err.h"
#include "sidecar/h1_server.h"

/* May this connection stay? False: it is closed at once. NULL: all may. */
typedef bool listener_admit_fn(void *owner, struct h1_server *server);

struct listener { // embedded in its owner
	struct turn *turn;
	int fd;
	struct loop_io io;
	struct deadline pause;
	struct http_service *service;
	listener_admit_fn *admit;
	void *owner;
	struct h1_servers servers;
	struct waiters on_close;
	struct waiter freed;
	size_t n_servers;
	bool stopped;
};

/* Takes *fd, also on failure. */
must_check bool listener_start(struct listener *listener, struct turn *turn, int *fd,
			       struct http_service *service, listener_admit_fn *admit, void *owner,
			       struct err *err);

/* Stops accepting; idle connections close, busy ones after their response. */
void listener_drain(struct listener *listener);

bool listener_busy(const struct listener *listener); // a connection is left
