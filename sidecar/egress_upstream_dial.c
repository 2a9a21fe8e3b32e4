// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The host's owner says which proxy it is, so its address may be private, like the registry's. What
 * it answers to CONNECT is read no further than its status: its texts are not for the workload.
 */
#include "sidecar/egress_upstream_dial.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sidecar/http1.h"

static void finish(struct egress_upstream_dial *dial, const struct egress_upstream_result *result)
{
	loop_io_stop(&dial->io);
	loop_timer_stop(&dial->timer);
	dial->on_dialled(dial->owner, result);
}

static void fail(struct egress_upstream_dial *dial, unsigned status, const char *failure)
{
	fd_close(&dial->fd);
	finish(dial,
	       &(struct egress_upstream_result){.fd = -1, .status = status, .failure = failure});
}

static void succeed(struct egress_upstream_dial *dial, size_t head_len)
{
	struct egress_upstream_result result = {
		.fd = take_fd(&dial->fd),
		.early = buf_bytes(&dial->in) + head_len,
		.early_len = buf_len(&dial->in) - head_len,
	};
	finish(dial, &result);
}

static void on_answer(struct egress_upstream_dial *dial)
{
	auto_free struct http_head *head = xcalloc(1, sizeof(*head));
	struct http1_error error;
	size_t head_len;
	enum http1_result result =
		http1_parse_response((char *)buf_bytes(&dial->in), buf_len(&dial->in),
				     &dial->scanned, true, head, &head_len, &error);
	if (result == HTTP1_MORE && buf_room(&dial->in) > 0)
		return;
	if (result != HTTP1_OK)
		fail(dial, 502, "the proxy of this host does not answer as one");
	else if (head->status == 407 || head->status == 401) // tinyproxy says 401
		fail(dial, 502, "the proxy of this host wants other credentials");
	else if (head->status / 100 != 2)
		fail(dial, 502, "the proxy of this host refused it");
	else
		succeed(dial, head_len);
}

static void read_answer(struct egress_upstream_dial *dial)
{
	size_t room = buf_room(&dial->in);
	if (room > 4 * KIB)
		room = 4 * KIB;
	ssize_t len = recv(dial->fd, buf_reserve(&dial->in, room), room, 0);
	if (len > 0) {
		buf_commit(&dial->in, (size_t)len);
		on_answer(dial);
	} else if (len == 0 || (errno != EAGAIN && errno != EINTR)) {
		fail(dial, 502, "the proxy of this host closed the connection");
	}
}

static void on_io(struct loop_io *io, int events)
{
	struct egress_upstream_dial *dial = container_of(io, struct egress_upstream_dial, io);
	if (!(events & LOOP_WRITE)) {
		read_answer(dial);
		return;
	}
	ssize_t len = send(dial->fd, buf_bytes(&dial->out), buf_len(&dial->out), MSG_NOSIGNAL);
	if (len < 0 && errno != EAGAIN && errno != EINTR) {
		fail(dial, 502, "the proxy of this host closed the connection");
		return;
	}
	if (len > 0)
		buf_consume(&dial->out, (size_t)len);
	loop_io_want(io, buf_len(&dial->out) ? LOOP_WRITE : LOOP_READ);
}

static void on_timer(struct loop_timer *timer)
{
	fail(container_of(timer, struct egress_upstream_dial, timer), 504,
	     "the proxy of this host does not answer");
}

static void on_connected(void *owner, int fd, int errnum)
{
	struct egress_upstream_dial *dial = owner;
	dial->fd = fd;
	if (fd < 0) {
		bool slow = errnum == ETIMEDOUT;
		fail(dial, slow ? 504 : 502,
		     slow ? "the proxy of this host does not answer"
			  : "the proxy of this host cannot be reached");
		return;
	}
	if (!dial->target) {
		succeed(dial, 0);
		return;
	}
	if (!egress_upstream_connect(dial->upstream, dial->target, &dial->out)) {
		fail(dial, 502, "the credentials for the proxy of this host are too long");
		return;
	}
	loop_io_init(&dial->io, dial->loop, dial->fd, on_io);
	loop_io_want(&dial->io, LOOP_WRITE);
	loop_timer_start(&dial->timer, EGRESS_UPSTREAM_ANSWER_MS);
}

static void on_found(void *owner, const struct in6_addr *addresses, size_t n_addresses,
		     const char *failure)
{
	struct egress_upstream_dial *dial = owner;
	struct in6_addr judged[EGRESS_ADDRESSES_MAX];
	size_t kept = 0;
	dial->lookup = NULL;
	for (size_t i = 0; i < n_addresses; i++)
		if (!egress_address_refusal(&addresses[i], true))
			judged[kept++] = addresses[i];
	if (kept == 0)
		fail(dial, 502, "the proxy of this host cannot be found");
	else
		egress_dial_start(&dial->dial, dial->loop, judged, kept, dial->upstream->port,
				  on_connected, dial);
}

void egress_upstream_dial_start(struct egress_upstream_dial *dial, struct loop *loop,
				struct egress_resolver *resolver,
				const struct egress_upstream *upstream,
				const struct egress_target *target,
				egress_upstream_dialled_fn *on_dialled, void *owner)
{
	struct egress_target proxy;
	struct err err;
	*dial = (struct egress_upstream_dial){.loop = loop,
					      .upstream = upstream,
					      .target = target,
					      .fd = -1,
					      .on_dialled = on_dialled,
					      .owner = owner};
	buf_init(&dial->out, HTTP_HEADER_BYTES_MAX);
	buf_init(&dial->in, HTTP_HEADER_BYTES_MAX);
	loop_timer_init(&dial->timer, loop, on_timer);
	if (egress_target_parse(upstream->host, strlen(upstream->host), upstream->port, &proxy,
				&err) &&
	    proxy.literal)
		on_found(dial, &proxy.address, 1, NULL);
	else
		dial->lookup = egress_lookup_new(resolver, upstream->host, on_found, dial);
}

void egress_upstream_dial_stop(struct egress_upstream_dial *dial)
{
	if (!dial->on_dialled)
		return;
	egress_lookup_cancel(&dial->lookup);
	egress_dial_stop(&dial->dial);
	loop_io_stop(&dial->io);
	loop_timer_stop(&dial->timer);
	fd_close(&dial->fd);
	buf_free(&dial->out);
	buf_free(&dial->in);
}
