// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Dialling: always the addresses that were judged, never a name, so a resolver that answers
 * differently the second time changes nothing.
 */
#include "sidecar/egress_dial.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage storage;
};

static socklen_t to_sockaddr(const struct in6_addr *from, uint16_t port, union address *to)
{
	memset(to, 0, sizeof(*to));
	if (IN6_IS_ADDR_V4MAPPED(from)) {
		to->v4.sin_family = AF_INET;
		to->v4.sin_port = htons(port);
		memcpy(&to->v4.sin_addr, from->s6_addr + 12, 4);
		return sizeof(to->v4);
	}
	to->v6.sin6_family = AF_INET6;
	to->v6.sin6_port = htons(port);
	to->v6.sin6_addr = *from;
	return sizeof(to->v6);
}

/* To itself the kernel speaks from the very address it speaks to. */
bool egress_address_is_own(const struct in6_addr *address)
{
	union address there, here;
	socklen_t len = to_sockaddr(address, 9, &there);
	socklen_t here_len = sizeof(here);
	auto_fd int fd = socket(there.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, &there.any, len) != 0 ||
	    getsockname(fd, &here.any, &here_len) != 0)
		return false; // no way there: dialling it will fail
	if (there.any.sa_family == AF_INET)
		return here.v4.sin_addr.s_addr == there.v4.sin_addr.s_addr;
	return memcmp(&here.v6.sin6_addr, &there.v6.sin6_addr, sizeof(*address)) == 0;
}

static void finish(struct egress_dial *dial, int fd, int errnum)
{
	loop_io_stop(&dial->io);
	loop_timer_stop(&dial->timer);
	dial->on_dialled(dial->owner, fd, errnum);
}

static void dial_next(struct egress_dial *dial);

static void dial_failed(struct egress_dial *dial, int errnum)
{
	loop_io_stop(&dial->io);
	fd_close(&dial->fd);
	dial->errnum = errnum;
	dial->next++;
	dial_next(dial);
}

static void on_connected(struct loop_io *io, int events)
{
	struct egress_dial *dial = container_of(io, struct egress_dial, io);
	int errnum = 0;
	socklen_t len = sizeof(errnum);
	if (getsockopt(dial->fd, SOL_SOCKET, SO_ERROR, &errnum, &len) != 0)
		errnum = errno;
	if (errnum)
		dial_failed(dial, errnum);
	else
		finish(dial, take_fd(&dial->fd), 0);
}

static void on_timer(struct loop_timer *timer)
{
	struct egress_dial *dial = container_of(timer, struct egress_dial, timer);
	if (dial->fd >= 0)
		dial_failed(dial, ETIMEDOUT);
	else
		finish(dial, -1, dial->errnum);
}

static int dial_address(const struct in6_addr *address, uint16_t port)
{
	union address to;
	socklen_t len = to_sockaddr(address, port, &to);
	auto_fd int fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;
	if (fd < 0 || (connect(fd, &to.any, len) != 0 && errno != EINPROGRESS))
		return -1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return take_fd(&fd);
}

static void dial_next(struct egress_dial *dial)
{
	for (; dial->next < dial->n_addresses; dial->next++) {
		dial->fd = dial_address(&dial->addresses[dial->next], dial->port);
		if (dial->fd < 0) {
			dial->errnum = errno;
			continue;
		}
		loop_io_init(&dial->io, dial->timer.loop, dial->fd, on_connected);
		loop_io_want(&dial->io, LOOP_WRITE);
		loop_timer_start(&dial->timer, EGRESS_CONNECT_MS);
		return;
	}
	loop_timer_start(&dial->timer, 0); // no address is left: say so from the loop
}

void egress_dial_start(struct egress_dial *dial, struct loop *loop,
		       const struct in6_addr *addresses, size_t n_addresses, uint16_t port,
		       egress_dialled_fn *on_dialled, void *owner)
{
	memcpy(dial->addresses, addresses, n_addresses * sizeof(*addresses));
	dial->n_addresses = n_addresses;
	dial->next = 0;
	dial->port = port;
	dial->fd = -1;
	dial->errnum = EHOSTUNREACH;
	dial->on_dialled = on_dialled;
	dial->owner = owner;
	loop_timer_init(&dial->timer, loop, on_timer);
	dial_next(dial);
}

void egress_dial_stop(struct egress_dial *dial)
{
	if (!dial->on_dialled)
		return;
	loop_io_stop(&dial->io);
	loop_timer_stop(&dial->timer);
	fd_close(&dial->fd);
}
