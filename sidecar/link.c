// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Bytes of a link: socket → TLS → HTTP/2 as they arrive, and back once at the end of a turn, when
 * the frames of all streams are gathered, sealed into few large records and written with one system
 * call. What waits for a slow peer is bounded: beyond a threshold no more frames are taken from
 * HTTP/2.
 */
#include "sidecar/link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"

enum {
	PLAIN = 64 * 1024,	 // gathered frames, before they are sealed
	READ_SIZE = 64 * 1024,	 // of ciphertext, at once
	READS_PER_WAKE_UP = 4,	 // then the loop's other watchers get their turn
	OUT_ENOUGH = 192 * 1024, // ciphertext that waits: no more frames until it is out
	OUT_TIGHT = 32 * 1024,	 // the same while the process holds much
	IDLE_MS = 1000,		 // then buffers are given back
	BUFFER_KEPT = 4096,
	REASON_MAX = 256,
};

static uint8_t plain[PLAIN];

enum link_state { LINK_HANDSHAKE, LINK_OPEN, LINK_CLOSED };

struct link {
	struct turn *turn;
	enum h2_side side;
	char *name;
	char *peer;
	const struct link_owner *ops;
	void *owner;
	enum link_state state;
	bool begun;
	bool up;
	bool leaving;
	bool blocked; // the socket takes no more for now
	bool mute;    // nothing can be sent any more
	int fd;
	struct loop_io io;
	struct turn_item flush;
	struct pool_member pool;
	struct deadline deadline; // of the handshake, then of idle buffers
	struct tls_session *tls;
	struct h2 *h2;
};

static void link_free(struct turn_item *item)
{
	struct link *link = container_of(item, struct link, flush);

	pool_leave(&link->pool);
	pool_sub(sizeof(*link) + POOL_LINK);
	tls_session_free(&link->tls);
	free(link->name);
	free(link->peer);
	free(link);
}

static void send_ciphertext(struct link *link);

void link_close(struct link *link, const char *reason)
{
	if (link->state == LINK_CLOSED)
		return;
	send_ciphertext(link); // what is there: a goodbye, or an alert that says what is wrong
	link->state = LINK_CLOSED;
	loop_io_stop(&link->io);
	deadline_clear(&link->deadline);
	fd_close(&link->fd);
	h2_free(&link->h2, "the link to its sidecar went down");
	turn_bury(link->turn, &link->flush, link_free);
	link->ops->down(link->owner, link, reason);
}

static void fail(struct link *link, const char *doing, const struct err *err)
{
	char reason[REASON_MAX];

	snprintf(reason, sizeof(reason), "%.32s: %.200s", doing, err->text);
	link_close(link, reason);
}

/* As of h2_socket: what waits is what the socket does not take. */
static size_t pool_waiting(struct pool_member *member)
{
	struct link *link = container_of(member, struct link, pool);

	if (!link->h2 || !(link->blocked || h2_head_begun(link->h2)))
		return 0;
	return tls_out(link->tls)->cap + h2_memory(link->h2);
}

static void pool_cut(struct pool_member *member)
{
	struct link *link = container_of(member, struct link, pool);

	link_close(link, POOL_REASON);
	buf_free(tls_in(link->tls));
	buf_free(tls_out(link->tls));
}

static const struct pool_member_ops pool_ops = {
	.waiting = pool_waiting, .cut = pool_cut, .whole = true};

static void update_io(struct link *link)
{
	if (link->state != LINK_CLOSED)
		loop_io_want(&link->io, LOOP_READ | (link->blocked ? LOOP_WRITE : 0));
}

static void send_ciphertext(struct link *link)
{
	struct buf *out = tls_out(link->tls);

	while (buf_len(out) && link->fd >= 0) {
		ssize_t sent = send(link->fd, buf_bytes(out), buf_len(out), MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0) {
			link->blocked = errno == EAGAIN;
			link->mute = errno != EAGAIN; // reading will show that the peer is gone
			return;
		}
		buf_consume(out, (size_t)sent);
		link->pool.since = loop_now(link->turn->loop);
	}
	link->blocked = false;
}

static bool seal(struct link *link, size_t len)
{
	struct err err;
	enum tls_status status;

	if (!len)
		return true;
	status = tls_write(link->tls, plain, len, &err);
	if (status == TLS_OK)
		return true;
	if (status == TLS_AGAIN)
		err_set(&err, ERR_LIMIT, "no room for a record of %zu bytes", len);
	fail(link, "sealing", &err);
	return false;
}

/* Frames into records, as long as there is room for them. False when the link has been closed. */
static bool produce(struct link *link)
{
	size_t enough = pool_is_roomy() ? OUT_ENOUGH : OUT_TIGHT;
	size_t len = 0;

	while (buf_len(tls_out(link->tls)) < enough) {
		const uint8_t *frame;
		ssize_t size = h2_produce(link->h2, &frame);

		if (size < 0) {
			link_close(link, "HTTP/2: nothing can be sent any more");
			return false;
		}
		if (size == 0)
			break;
		if ((size_t)size > sizeof(plain) - len) {
			if (!seal(link, len))
				return false;
			len = 0;
		}
		memcpy(plain + len, frame, (size_t)size);
		len += (size_t)size;
	}
	return seal(link, len);
}

static void say_goodbye(struct link *link)
{
	h2_terminate(link->h2);
	if (!produce(link))
		return;
	tls_close(link->tls);
	link_close(link, "drained");
}

static void handshake(struct link *link);

/* At the end of the turn. */
static void on_flush(struct turn_item *item)
{
	struct link *link = container_of(item, struct link, flush);

	if (!link->begun)
		handshake(link);
	if (link->state == LINK_CLOSED)
		return;
	while (!link->blocked && !link->mute) {
		if (link->state == LINK_OPEN && !produce(link))
			return;
		if (!buf_len(tls_out(link->tls)))
			break;
		send_ciphertext(link);
	}
	if (link->leaving && link->side == H2_CLIENT && !h2_streams(link->h2))
		say_goodbye(link);
	else if (link->state == LINK_OPEN && h2_over(link->h2))
		link_close(link, "HTTP/2: the peer broke the protocol");
	update_io(link);
}

static void queue(struct link *link)
{
	if (link->state != LINK_CLOSED)
		turn_queue(link->turn, &link->flush);
}

static void mark_up(struct link *link)
{
	link->up = true;
	link->ops->up(link->owner, link);
}

static void mark_leaving(struct link *link)
{
	if (link->leaving)
		return;
	link->leaving = true;
	link->ops->leaving(link->owner, link);
	queue(link);
}

static void handshake(struct link *link)
{
	struct err err;
	enum tls_status status = tls_handshake(link->tls, &err);

	link->begun = true;
	queue(link);
	if (status == TLS_AGAIN)
		return;
	if (status != TLS_OK) {
		if (status == TLS_CLOSED)
			err_set(&err, ERR_CLOSED, "the peer ended it");
		fail(link, "handshake", &err);
		return;
	}
	link->state = LINK_OPEN;
	deadline_clear(&link->deadline);
	if (link->side == H2_SERVER)
		mark_up(link);
	else
		deadline_set(link->turn, &link->deadline, LINK_HANDSHAKE_MS);
}

static void decrypt(struct link *link)
{
	struct err err;
	uint8_t *data = plain; // what is sent is gathered at another time
	size_t got;

	while (link->state == LINK_OPEN) {
		enum tls_status status = tls_read(link->tls, data, PLAIN, &got, &err);

		if (status == TLS_AGAIN)
			return;
		if (status == TLS_CLOSED) {
			link_close(link, "the peer closed it");
		} else if (status == TLS_FAILED) {
			fail(link, "reading", &err);
		} else {
			if (!link->up)
				mark_up(link);
			if (!h2_receive(link->h2, data, got, &err) && produce(link))
				fail(link, "reading", &err);
			if (link->h2 && h2_head_begun(link->h2))
				link->pool.since = h2_head_begun(link->h2);
		}
	}
}

static bool read_ciphertext(struct link *link)
{
	struct buf *in = tls_in(link->tls);
	size_t room = buf_room(in);
	size_t size = room < READ_SIZE ? room : READ_SIZE;
	ssize_t got;

	if (!size) {
		link_close(link, "the peer sent a record that is too long");
		return false;
	}
	got = recv(link->fd, buf_reserve(in, size), size, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got <= 0) {
		link_close(link, got == 0 ? "the peer went away" : strerror(errno));
		return false;
	}
	buf_commit(in, (size_t)got);
	if (link->state == LINK_HANDSHAKE)
		handshake(link);
	if (link->state == LINK_OPEN)
		decrypt(link);
	return link->state != LINK_CLOSED && (size_t)got == size;
}

static void on_io(struct loop_io *io, int events)
{
	struct link *link = container_of(io, struct link, io);

	if (events & LOOP_WRITE) {
		link->blocked = false;
		queue(link);
	}
	for (int i = 0; (events & LOOP_READ) && i < READS_PER_WAKE_UP; i++)
		if (!read_ciphertext(link) || !pool_is_roomy())
			break;
	if (link->state == LINK_OPEN && link->up)
		deadline_set(link->turn, &link->deadline, IDLE_MS);
	update_io(link);
}

static void on_deadline(struct deadline *deadline)
{
	struct link *link = container_of(deadline, struct link, deadline);

	if (!link->up) {
		link_close(link, "the peer did not answer in time");
		return;
	}
	buf_shrink(tls_in(link->tls), BUFFER_KEPT);
	buf_shrink(tls_out(link->tls), BUFFER_KEPT);
}

static void h2_wakes(void *owner)
{
	queue(owner);
}

static void h2_requests(void *owner, struct exchange *x, const struct http_head *head)
{
	struct link *link = owner;

	link->ops->request(link->owner, link, x, head);
}

static void h2_quiet(void *owner)
{
	queue(owner); // a draining link closes itself there
}

static void h2_refused(void *owner)
{
	mark_leaving(owner);
}

static const struct h2_owner h2_ops = {
	.tunnels = true,
	.wake = h2_wakes,
	.request = h2_requests,
	.quiet = h2_quiet,
	.refused = h2_refused,
};

struct link *link_new(struct turn *turn, const struct link_config *config, int *fd,
		      const struct link_owner *ops, void *owner, struct err *err)
{
	auto_fd int socket = take_fd(fd);
	struct tls_session *tls =
		tls_session_new(config->tls, config->side == H2_CLIENT ? TLS_CLIENT : TLS_SERVER,
				config->peer, LINK_BUFFER_MAX, err);
	struct link *link;

	if (!tls)
		return NULL;
	link = xcalloc(1, sizeof(*link));
	*link = (struct link){.turn = turn,
			      .side = config->side,
			      .name = xstrdup(config->name),
			      .peer = xstrdup(config->peer),
			      .ops = ops,
			      .owner = owner,
			      .fd = take_fd(&socket),
			      .tls = tls};
	link->flush.fn = on_flush;
	link->deadline.fn = on_deadline;
	link->h2 = h2_new(turn, config->side, &h2_ops, link);
	tls_in(tls)->counted = &pool_held;
	tls_out(tls)->counted = &pool_held;
	pool_add(sizeof(*link) + POOL_LINK);
	pool_join(&link->pool, &pool_ops, loop_now(turn->loop));
	loop_io_init(&link->io, turn->loop, link->fd, on_io);
	deadline_set(turn, &link->deadline, LINK_HANDSHAKE_MS);
	update_io(link);
	queue(link);
	return link;
}

bool link_is_caller(const struct link *link)
{
	return link->side == H2_CLIENT;
}

bool link_usable(const struct link *link)
{
	return link->state == LINK_OPEN && link->up && !link->leaving && h2_may_open(link->h2);
}

void link_request(struct link *link, struct exchange *x, const struct http_head *head,
		  const struct h2_request *request)
{
	h2_open(link->h2, x, head, request);
}

const char *link_peer(const struct link *link)
{
	return link->peer;
}

void link_drain(struct link *link)
{
	if (link->state == LINK_CLOSED || link->leaving)
		return;
	if (link->side == H2_SERVER)
		h2_drain(link->h2);
	mark_leaving(link);
}
