// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Accepting. Each wake-up takes a bounded number, so that a flood of connections does not keep the
 * loop from those that are open.
 */
#include "sidecar/listener.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"

enum { ACCEPTS_PER_WAKE_UP = 32, PAUSE_MS = 100 };

static void update_io(struct listener *listener)
{
	bool open = !listener->stopped && !listener->pause.set;

	loop_io_want(&listener->io, open ? LOOP_READ : 0);
}

static void take_connection(struct listener *listener, int fd)
{
	struct h1_server *server = h1_server_new(listener->turn, fd, listener->service);

	LIST_INSERT_HEAD(&listener->servers, server, next);
	listener->n_servers++;
	server->on_close = &listener->on_close;
	if (listener->admit && !listener->admit(listener->owner, server))
		h1_server_close(server);
}

/*
 * Whoever has asked for nothing for the longest time makes room; for memory alone none who has just
 * come.
 */
static bool make_room(struct listener *listener)
{
	bool crowded = listener->n_servers >= LISTENER_CONNECTIONS_MAX;
	uint64_t before =
		crowded ? UINT64_MAX
			: loop_now(listener->turn->loop) + KEEPALIVE_TIMEOUT_MS - POOL_STALLED_MS;
	struct h1_server *server, *oldest = NULL;

	LIST_FOREACH(server, &listener->servers, next)
	{
		if (h1_server_asks_nothing(server) && server->idle.at < before &&
		    (!oldest || server->idle.at < oldest->idle.at))
			oldest = server;
	}
	if (oldest)
		h1_server_close(oldest);
	return oldest != NULL;
}

static void on_acceptable(struct loop_io *io, int events)
{
	struct listener *listener = container_of(io, struct listener, io);

	for (int i = 0; i < ACCEPTS_PER_WAKE_UP; i++) {
		bool full = listener->n_servers >= LISTENER_CONNECTIONS_MAX || pool_is_over();
		int fd;

		if (full && !make_room(listener)) {
			deadline_set(listener->turn, &listener->pause, PAUSE_MS);
			break;
		}
		fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			take_connection(listener, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
			log_warn("out of descriptors or memory: accepting pauses");
			deadline_set(listener->turn, &listener->pause, PAUSE_MS);
		}
		break;
	}
	update_io(listener);
}

static void on_pause_over(struct deadline *deadline)
{
	update_io(container_of(deadline, struct listener, pause));
}

static void on_connection_closed(struct waiter *waiter)
{
	struct listener *listener = container_of(waiter, struct listener, freed);

	listener->n_servers--;
	waiter_join(&listener->on_close, &listener->freed);
	update_io(listener);
}

bool listener_start(struct listener *listener, struct turn *turn, int *fd,
		    struct http_service *service, listener_admit_fn *admit, void *owner,
		    struct err *err)
{
	auto_fd int listening = take_fd(fd);

	*listener = (struct listener){
		.turn = turn, .fd = -1, .service = service, .admit = admit, .owner = owner};
	if (!fd_set_nonblocking(listening, err))
		return false;
	listener->fd = take_fd(&listening);
	listener->pause.fn = on_pause_over;
	listener->freed.fn = on_connection_closed;
	LIST_INIT(&listener->servers);
	waiters_init(&listener->on_close);
	waiter_join(&listener->on_close, &listener->freed);
	loop_io_init(&listener->io, turn->loop, listener->fd, on_acceptable);
	update_io(listener);
	return true;
}

void listener_drain(struct listener *listener)
{
	struct h1_server *server = LIST_FIRST(&listener->servers);

	listener->stopped = true;
	deadline_clear(&listener->pause);
	loop_io_stop(&listener->io);
	fd_close(&listener->fd);
	while (server) {
		struct h1_server *next = LIST_NEXT(server, next);

		h1_server_drain(server);
		server = next;
	}
}

bool listener_busy(const struct listener *listener)
{
	return listener->n_servers > 0;
}
