// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* One running capakit-sidecar as the controller sees it: a child process and its control channel.
 */
#include <sys/types.h>

#include "base/err.h"
#include "base/loop.h"
#include "capakit/sidecar/v1/sidecar.pb-c.h"
#include "proto/channel.h"

typedef Capakit__Sidecar__V1__Command sidecar_command;
typedef Capakit__Sidecar__V1__Event sidecar_event;

struct sidecar;

struct sidecar_callbacks {
	void (*event)(void *owner, const sidecar_event *event);
	/* The process is gone, by itself or asked to; sidecar_start may be called again. */
	void (*ended)(void *owner, int wait_status);
};

struct sidecar {
	pid_t pid; // 0: not running
	struct loop *loop;
	struct channel *channel;
	struct loop_child child;
	const struct sidecar_callbacks *callbacks;
	void *owner;
};

struct sidecar_start {
	const char *program;
	int keeper; // the sidecar's end of its keeper channel, or -1
	int view;   // its folder
	int log;    // what becomes its standard error
	uid_t uid;  // as root: who it runs as; 0: no change
};

/* `sidecar` is zeroed, or has ended. The descriptors stay the caller's. */
must_check bool sidecar_start(struct sidecar *sidecar, struct loop *loop,
			      const struct sidecar_start *start,
			      const struct sidecar_callbacks *callbacks, void *owner,
			      struct err *err);

/* Sends a command, with a descriptor unless `fd` is -1. A dead channel is no error: see `ended`. */
must_check bool sidecar_send(struct sidecar *sidecar, const sidecar_command *command, int fd,
			     struct err *err);

/* Closes its control channel, at which it exits; `ended` follows. */
void sidecar_close(struct sidecar *sidecar);
void sidecar_kill(struct sidecar *sidecar);
