// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Starts a sidecar and talks to it. A sidecar faces hostile bytes: what it sends is decoded with
 * limits, and one that breaks the protocol is killed like one that crashed.
 */
#include "controller/app/sidecar_process.h"

#include <signal.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "controller/app/spawn.h"

static void on_message(void *owner, const ProtobufCMessage *message, int *fds, size_t n_fds)
{
	struct sidecar *sidecar = owner;
	sidecar->callbacks->event(sidecar->owner, (const sidecar_event *)message);
}

static void on_closed(void *owner, const struct err *why)
{
	struct sidecar *sidecar = owner;
	if (why->code != ERR_CLOSED)
		log_warn("sidecar %d dropped: %s", (int)sidecar->pid, why->text);
	channel_free(&sidecar->channel);
	sidecar_kill(sidecar);
}

static void on_child(struct loop_child *child, int wait_status)
{
	struct sidecar *sidecar = container_of(child, struct sidecar, child);
	loop_child_stop(&sidecar->child);
	channel_free(&sidecar->channel);
	sidecar->pid = 0;
	sidecar->callbacks->ended(sidecar->owner, wait_status);
}

bool sidecar_start(struct sidecar *sidecar, struct loop *loop, const struct sidecar_start *start,
		   const struct sidecar_callbacks *callbacks, void *owner, struct err *err)
{
	int pair[2];
	if (!fd_socket_pair(SOCK_SEQPACKET, pair, err))
		return false;
	auto_fd int ours = pair[0];
	auto_fd int theirs = pair[1];
	struct spawn spawn = {
		.program = start->program,
		.fds = {-1, start->log, start->log, theirs, start->keeper, start->view},
		.n_fds = 6,
		.uid = start->uid,
		.gid = start->uid,
	};
	sidecar->pid = spawn_program(&spawn, err);
	if (sidecar->pid < 0) {
		sidecar->pid = 0;
		return false;
	}
	if (!loop_child_start(&sidecar->child, loop, sidecar->pid, on_child, err)) {
		spawn_undo(&sidecar->pid);
		return false;
	}
	sidecar->loop = loop;
	sidecar->callbacks = callbacks;
	sidecar->owner = owner;
	sidecar->channel =
		channel_new(loop, take_fd(&ours), &capakit__sidecar__v1__event__descriptor,
			    on_message, on_closed, sidecar);
	return true;
}

bool sidecar_send(struct sidecar *sidecar, const sidecar_command *command, int fd, struct err *err)
{
	if (!sidecar->channel)
		return true;
	if (channel_send(sidecar->channel, &command->base, &fd, fd >= 0 ? 1 : 0, err))
		return true;
	return err->code == ERR_CLOSED;
}

void sidecar_close(struct sidecar *sidecar)
{
	channel_free(&sidecar->channel);
}

void sidecar_kill(struct sidecar *sidecar)
{
	if (sidecar->pid > 0)
		kill(sidecar->pid, SIGKILL);
}
