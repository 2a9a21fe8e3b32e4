// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The pump between a client in a sandbox and a server outside. It knows nothing of names or rules;
 * by the time it runs, those have been decided.
 */
#include "sidecar/egress_tunnel.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"

enum { READ_MIN = 4096 }; // less room is not worth a read

static void side_init(struct egress_tunnel_side *side)
{
	*side = (struct egress_tunnel_side){.fd = -1};
	buf_init(&side->out, EGRESS_BUFFER_MAX + HTTP_HEADER_BYTES_MAX);
}

void egress_tunnel_init(struct egress_tunnel *tunnel)
{
	*tunnel = (struct egress_tunnel){0};
	side_init(&tunnel->client);
	side_init(&tunnel->server);
}

static void side_free(struct egress_tunnel_side *side)
{
	loop_io_stop(&side->io);
	fd_close(&side->fd);
	buf_free(&side->out);
}

void egress_tunnel_free(struct egress_tunnel *tunnel)
{
	loop_timer_stop(&tunnel->idle);
	side_free(&tunnel->client);
	side_free(&tunnel->server);
}

static bool may_read(const struct egress_tunnel_side *side, const struct egress_tunnel_side *other)
{
	return !side->eof && buf_len(&other->out) + READ_MIN <= EGRESS_BUFFER_MAX;
}

static void want(struct egress_tunnel_side *side, const struct egress_tunnel_side *other)
{
	int events = may_read(side, other) ? LOOP_READ : 0;
	if (buf_len(&side->out) > 0 || (other->eof && !side->shut))
		events |= LOOP_WRITE;
	loop_io_want(&side->io, events);
}

static void want_both(struct egress_tunnel *tunnel)
{
	want(&tunnel->client, &tunnel->server);
	want(&tunnel->server, &tunnel->client);
}

static void end(struct egress_tunnel *tunnel, enum egress_tunnel_end how)
{
	loop_io_stop(&tunnel->client.io);
	loop_io_stop(&tunnel->server.io);
	loop_timer_stop(&tunnel->idle);
	tunnel->on_ended(tunnel->owner, how);
}

/* The end of what the client says. A whole request needs no half close, which some servers take
 * amiss. */
static bool client_ended(struct egress_tunnel *tunnel)
{
	size_t used;
	if (!tunnel->inspect)
		return true;
	tunnel->server.shut = true;
	return tunnel->inspect(tunnel->owner, NULL, 0, &used);
}

/* Reads once from one side into the other's buffer. */
static bool take(struct egress_tunnel *tunnel, struct egress_tunnel_side *side,
		 struct egress_tunnel_side *other)
{
	bool from_client = side == &tunnel->client;
	if (!may_read(side, other))
		return true;
	size_t room = EGRESS_BUFFER_MAX - buf_len(&other->out);
	uint8_t *data = buf_reserve(&other->out, room);
	ssize_t len = recv(side->fd, data, room, 0);
	if (len < 0)
		return errno == EAGAIN || errno == EINTR;
	if (len == 0) {
		side->eof = true;
		return !from_client || client_ended(tunnel);
	}
	size_t used = (size_t)len;
	if (from_client && tunnel->inspect &&
	    !tunnel->inspect(tunnel->owner, data, (size_t)len, &used))
		return false;
	buf_commit(&other->out, used);
	return true;
}

/* Writes once what waits for this side; passes the other's end on when all is written. */
static bool give(struct egress_tunnel_side *side, const struct egress_tunnel_side *other)
{
	if (buf_len(&side->out) > 0) {
		ssize_t len =
			send(side->fd, buf_bytes(&side->out), buf_len(&side->out), MSG_NOSIGNAL);
		if (len < 0)
			return errno == EAGAIN || errno == EINTR;
		buf_consume(&side->out, (size_t)len);
		side->sent += (uint64_t)len;
	}
	if (buf_len(&side->out) == 0 && other->eof && !side->shut) {
		side->shut = true;
		return shutdown(side->fd, SHUT_WR) == 0;
	}
	return true;
}

static bool is_done(const struct egress_tunnel *tunnel)
{
	return tunnel->client.shut && (tunnel->server.shut || tunnel->inspect);
}

static void on_side(struct egress_tunnel *tunnel, struct egress_tunnel_side *side,
		    struct egress_tunnel_side *other, int events)
{
	bool client = side == &tunnel->client;
	enum egress_tunnel_end failed = client ? TUNNEL_CLIENT_FAILED : TUNNEL_SERVER_FAILED;
	enum egress_tunnel_end other_failed = client ? TUNNEL_SERVER_FAILED : TUNNEL_CLIENT_FAILED;
	tunnel->moved = loop_now(tunnel->idle.loop);
	if ((events & LOOP_WRITE) && !give(side, other)) {
		end(tunnel, failed);
		return;
	}
	if (events & LOOP_READ) {
		if (!take(tunnel, side, other)) {
			end(tunnel, failed);
			return;
		}
		if (!give(other, side)) {
			end(tunnel, other_failed);
			return;
		}
	}
	if (is_done(tunnel))
		end(tunnel, TUNNEL_DONE);
	else
		want_both(tunnel);
}

static void on_client(struct loop_io *io, int events)
{
	struct egress_tunnel *tunnel = container_of(io, struct egress_tunnel, client.io);
	on_side(tunnel, &tunnel->client, &tunnel->server, events);
}

static void on_server(struct loop_io *io, int events)
{
	struct egress_tunnel *tunnel = container_of(io, struct egress_tunnel, server.io);
	on_side(tunnel, &tunnel->server, &tunnel->client, events);
}

static void on_idle(struct loop_timer *timer)
{
	struct egress_tunnel *tunnel = container_of(timer, struct egress_tunnel, idle);
	uint64_t still = loop_now(timer->loop) - tunnel->moved;
	if (still >= EGRESS_IDLE_MS)
		end(tunnel, TUNNEL_IDLE);
	else
		loop_timer_start(timer, EGRESS_IDLE_MS - still);
}

void egress_tunnel_start(struct egress_tunnel *tunnel, struct loop *loop, int *client_fd,
			 int *server_fd, egress_tunnel_inspect_fn *inspect,
			 egress_tunnel_ended_fn *on_ended, void *owner)
{
	tunnel->client.fd = take_fd(client_fd);
	tunnel->server.fd = take_fd(server_fd);
	tunnel->inspect = inspect;
	tunnel->on_ended = on_ended;
	tunnel->owner = owner;
	tunnel->moved = loop_now(loop);
	loop_io_init(&tunnel->client.io, loop, tunnel->client.fd, on_client);
	loop_io_init(&tunnel->server.io, loop, tunnel->server.fd, on_server);
	loop_timer_init(&tunnel->idle, loop, on_idle);
	loop_timer_start(&tunnel->idle, EGRESS_IDLE_MS);
	want_both(tunnel);
}
