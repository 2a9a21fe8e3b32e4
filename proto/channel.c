// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * One protobuf message a packet, descriptors beside it. The kernel keeps packets apart, so there
 * is no framing to get wrong; what is left to check is a packet that was cut, descriptors that
 * were cut, bytes that are no message, and a peer that does not read. Every buffer that a message
 * passes through is wiped, since it may have carried a secret.
 */
#include "proto/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "proto/scratch.h"

enum { PACKETS_PER_WAKE_UP = 16 }; // then the loop's other watchers get their turn

struct waiting {
	STAILQ_ENTRY(waiting) next;
	size_t n_fds;
	int fds[CHANNEL_FDS_MAX];
	size_t len;
	uint8_t data[];
};

struct channel {
	int fd;
	const ProtobufCMessageDescriptor *type;
	channel_message_fn *on_message;
	channel_closed_fn *on_closed;
	void *owner;
	struct loop_io io;
	struct loop_timer report; // says from the loop, not from channel_send, that we dropped
	struct err why;
	bool *freed; // set while a callback runs: where channel_free leaves word
	bool closed; // on_closed was called or is about to be
	bool mute;   // the peer reads no more
	STAILQ_HEAD(, waiting) queue;
	size_t queued;
	size_t queued_bytes;
};

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(CHANNEL_FDS_MAX * sizeof(int))];
};

static void close_fds(int *fds, size_t n_fds)
{
	for (size_t i = 0; i < n_fds; i++)
		fd_close(&fds[i]);
}

static void waiting_free(struct waiting *item)
{
	close_fds(item->fds, item->n_fds);
	wipe(item->data, item->len);
	free(item);
}

static void queue_pop(struct channel *channel)
{
	struct waiting *item = STAILQ_FIRST(&channel->queue);

	STAILQ_REMOVE_HEAD(&channel->queue, next);
	channel->queued--;
	channel->queued_bytes -= item->len;
	waiting_free(item);
}

static void queue_clear(struct channel *channel)
{
	while (!STAILQ_EMPTY(&channel->queue))
		queue_pop(channel);
}

static void watch(struct channel *channel)
{
	loop_io_want(&channel->io, LOOP_READ | (STAILQ_EMPTY(&channel->queue) ? 0 : LOOP_WRITE));
}

/* Nothing after this may touch the channel: the callback may free it. */
static void report_closed(struct channel *channel)
{
	struct err why = channel->why;

	loop_io_stop(&channel->io);
	loop_timer_stop(&channel->report);
	queue_clear(channel);
	if (channel->on_closed)
		channel->on_closed(channel->owner, &why);
}

static void on_report(struct loop_timer *timer)
{
	report_closed(container_of(timer, struct channel, report));
}

/* --- receiving --- */

static size_t collect_fds(struct msghdr *header, int fds[CHANNEL_FDS_MAX])
{
	size_t n_fds = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); // fits: it is the only one
		memcpy(fds, CMSG_DATA(c), n_fds * sizeof(int));
	}
	return n_fds;
}

/*
 * A peer that closed with something unread is reported once, before what it had sent: then what it
 * had sent is still there, and its end after that (unix(7)).
 */
static ssize_t receive_packet(int fd, struct msghdr *header)
{
	ssize_t len = recvmsg(fd, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (len < 0 && errno == ECONNRESET)
		len = recvmsg(fd, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	return len;
}

/* The length of one packet in scratch_packet(); 0 when there is none, or with err set. */
static size_t receive(struct channel *channel, int fds[CHANNEL_FDS_MAX], size_t *n_fds,
		      struct err *err)
{
	union control control;
	struct iovec iov = {.iov_base = scratch_packet(), .iov_len = CHANNEL_MESSAGE_MAX};
	struct msghdr header = {.msg_iov = &iov,
				.msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = sizeof(control)};
	ssize_t len = receive_packet(channel->fd, &header);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (len < 0 && errno != ECONNRESET) {
		err_sys(err, errno, "receiving on a channel");
		return 0;
	}
	if (len <= 0) {
		err_set(err, ERR_CLOSED, "the peer closed the channel");
		return 0;
	}
	*n_fds = collect_fds(&header, fds);
	if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		err_set(err, ERR_LIMIT,
			"the peer sent a message of more than %zu bytes or %d descriptors",
			CHANNEL_MESSAGE_MAX, CHANNEL_FDS_MAX);
	return (size_t)len;
}

static void deliver(struct channel *channel, size_t len, int *fds, size_t n_fds, struct err *err)
{
	size_t mark = scratch_mark();
	ProtobufCMessage *message =
		protobuf_c_message_unpack(channel->type, &scratch_allocator, len, scratch_packet());

	wipe(scratch_packet(), len);
	if (message)
		channel->on_message(channel->owner, message, fds, n_fds);
	else
		err_set(err, ERR_PROTOCOL, "the peer sent %zu bytes that are no %s", len,
			channel->type->name);
	scratch_release(mark);
}

/* False when there is nothing more to read for now, or err is set. */
static bool read_packet(struct channel *channel, struct err *err)
{
	int fds[CHANNEL_FDS_MAX];
	size_t n_fds = 0;
	size_t len = receive(channel, fds, &n_fds, err);

	if (len > 0 && err->code == ERR_NONE)
		deliver(channel, len, fds, n_fds, err);
	else
		wipe(scratch_packet(), len);
	close_fds(fds, n_fds);
	return len > 0 && err->code == ERR_NONE;
}

static void on_readable(struct channel *channel)
{
	struct err err = {.code = ERR_NONE};
	bool freed = false;
	bool *outer = channel->freed;
	int left = PACKETS_PER_WAKE_UP;

	channel->freed = &freed;
	while (left-- > 0 && read_packet(channel, &err) && !freed && !channel->closed)
		;
	if (freed) {
		if (outer)
			*outer = true;
		return;
	}
	channel->freed = outer;
	if (err.code == ERR_NONE || channel->closed)
		return;
	channel->closed = true;
	channel->why = err;
	report_closed(channel);
}

/* --- sending --- */

static ssize_t send_packet(int fd, const uint8_t *data, size_t len, const int *fds, size_t n_fds)
{
	union control control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)data, .iov_len = len};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};

	if (n_fds > 0) {
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		*CMSG_FIRSTHDR(&header) =
			(struct cmsghdr){.cmsg_level = SOL_SOCKET,
					 .cmsg_type = SCM_RIGHTS,
					 .cmsg_len = CMSG_LEN(n_fds * sizeof(int))};
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&header)), fds, n_fds * sizeof(int));
	}
	return sendmsg(fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* The peer reads no more; what it had sent before is still to be read, and then the end. */
static bool peer_gone(struct channel *channel, struct err *err)
{
	channel->mute = true;
	queue_clear(channel);
	watch(channel);
	return err_set(err, ERR_CLOSED, "the peer closed the channel");
}

/* Drops the peer; its owner hears of it from the loop. */
static void drop(struct channel *channel, const struct err *why)
{
	channel->closed = true;
	channel->why = *why;
	queue_clear(channel);
	loop_io_stop(&channel->io);
	loop_timer_start(&channel->report, 0);
}

static void flush_failed(struct channel *channel, int errnum)
{
	struct err err;

	if (errnum == EPIPE || errnum == ECONNRESET) {
		(void)peer_gone(channel, &err);
		return;
	}
	err_sys(&err, errnum, "sending a message that waited on a channel");
	drop(channel, &err);
}

static void on_writable(struct channel *channel)
{
	for (int left = PACKETS_PER_WAKE_UP; left > 0 && !STAILQ_EMPTY(&channel->queue); left--) {
		struct waiting *item = STAILQ_FIRST(&channel->queue);

		if (send_packet(channel->fd, item->data, item->len, item->fds, item->n_fds) < 0) {
			if (errno != EAGAIN && errno != EINTR)
				flush_failed(channel, errno);
			return;
		}
		queue_pop(channel);
	}
	watch(channel);
}

static void on_io(struct loop_io *io, int events)
{
	struct channel *channel = container_of(io, struct channel, io);

	if (events & LOOP_WRITE)
		on_writable(channel);
	if ((events & LOOP_READ) && !channel->closed)
		on_readable(channel);
}

static bool enqueue(struct channel *channel, const uint8_t *data, size_t len, const int *fds,
		    size_t n_fds, struct err *err)
{
	struct waiting *item;

	if (channel->queued >= CHANNEL_QUEUE_MAX ||
	    channel->queued_bytes + len > CHANNEL_QUEUE_BYTES_MAX) {
		err_set(err, ERR_LIMIT, "the peer does not read: %zu messages wait for it",
			channel->queued);
		drop(channel, err);
		return false;
	}
	item = xmalloc(sizeof(*item) + len);
	*item = (struct waiting){.len = len};
	memcpy(item->data, data, len);
	for (; item->n_fds < n_fds; item->n_fds++) {
		item->fds[item->n_fds] = fcntl(fds[item->n_fds], F_DUPFD_CLOEXEC, 0);
		if (item->fds[item->n_fds] < 0) {
			err_sys(err, errno, "duplicating a descriptor for a channel");
			waiting_free(item);
			return false;
		}
	}
	STAILQ_INSERT_TAIL(&channel->queue, item, next);
	channel->queued++;
	channel->queued_bytes += len;
	watch(channel);
	return true;
}

static bool send_or_queue(struct channel *channel, const uint8_t *data, size_t len, const int *fds,
			  size_t n_fds, struct err *err)
{
	if (!STAILQ_EMPTY(&channel->queue))
		return enqueue(channel, data, len, fds, n_fds, err);
	if (send_packet(channel->fd, data, len, fds, n_fds) >= 0)
		return true;
	if (errno == EAGAIN || errno == EINTR)
		return enqueue(channel, data, len, fds, n_fds, err);
	if (errno == EPIPE || errno == ECONNRESET)
		return peer_gone(channel, err);
	return err_sys(err, errno, "sending a message of %zu bytes on a channel", len);
}

bool channel_send(struct channel *channel, const ProtobufCMessage *message, const int *fds,
		  size_t n_fds, struct err *err)
{
	size_t len = protobuf_c_message_get_packed_size(message);
	bool sent;

	if (channel->closed || channel->mute)
		return err_set(err, ERR_CLOSED, "the channel is closed");
	if (len == 0)
		return err_set(err, ERR_USAGE, "an empty %s would look like the end of the channel",
			       message->descriptor->name);
	if (len > CHANNEL_MESSAGE_MAX || n_fds > CHANNEL_FDS_MAX)
		return err_set(err, ERR_LIMIT,
			       "a %s of %zu bytes and %zu descriptors is too large for a channel",
			       message->descriptor->name, len, n_fds);
	protobuf_c_message_pack(message, scratch_packet());
	sent = send_or_queue(channel, scratch_packet(), len, fds, n_fds, err);
	wipe(scratch_packet(), len);
	return sent;
}

/* --- life --- */

struct channel *channel_new(struct loop *loop, int fd, const ProtobufCMessageDescriptor *type,
			    channel_message_fn *on_message, channel_closed_fn *on_closed,
			    void *owner)
{
	struct channel *channel = xcalloc(1, sizeof(*channel));

	scratch_open();
	channel->fd = fd;
	channel->type = type;
	channel->on_message = on_message;
	channel->on_closed = on_closed;
	channel->owner = owner;
	STAILQ_INIT(&channel->queue);
	loop_timer_init(&channel->report, loop, on_report);
	loop_io_init(&channel->io, loop, fd, on_io);
	watch(channel);
	return channel;
}

void channel_free(struct channel **channel)
{
	struct channel *gone = take_ptr(channel);

	if (!gone)
		return;
	if (gone->freed)
		*gone->freed = true;
	loop_io_stop(&gone->io);
	loop_timer_stop(&gone->report);
	queue_clear(gone);
	fd_close(&gone->fd);
	free(gone);
}
