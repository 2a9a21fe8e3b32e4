// SPDX-License-Identifier: GPL-3.0-or-later
/* A channel on one end of a real pair; on the other end a second channel, or hand-made packets. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/mem.h"
#include "capakit/keeper/v1/keeper.pb-c.h"
#include "proto/channel.h"

struct world {
	struct loop *loop;
	struct channel *channel; // receives Requests
	int peer;		 // the other end, raw
	unsigned received;
	uint64_t last_id;
	char last_name[64];
	size_t last_fds;
	int kept; // a descriptor that the callback took
	unsigned closed;
	enum err_code why;
	bool free_in_message, free_in_closed, take;
	struct loop_timer limit;
};

static void stop(struct loop_timer *timer)
{
	loop_stop(timer->loop);
}

static void run(struct world *w, uint64_t ms)
{
	loop_refresh_now(w->loop);
	loop_timer_start(&w->limit, ms);
	loop_run(w->loop);
}

static void on_message(void *owner, const ProtobufCMessage *message, int *fds, size_t n_fds)
{
	struct world *w = owner;
	const Capakit__Keeper__V1__Request *request = (const Capakit__Keeper__V1__Request *)message;

	w->received++;
	w->last_id = request->id;
	if (request->resolve_secret)
		snprintf(w->last_name, sizeof(w->last_name), "%s", request->resolve_secret->name);
	w->last_fds = n_fds;
	if (w->take && n_fds > 0)
		w->kept = take_fd(&fds[0]);
	if (w->free_in_message)
		channel_free(&w->channel);
}

static void on_closed(void *owner, const struct err *why)
{
	struct world *w = owner;

	w->closed++;
	w->why = why->code;
	if (w->free_in_closed)
		channel_free(&w->channel);
}

static int setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	struct err err;
	int pair[2];

	w->loop = loop_new(&err);
	w->kept = -1;
	if (!w->loop || !fd_socket_pair(SOCK_SEQPACKET, pair, &err))
		return -1;
	w->peer = pair[1];
	w->channel = channel_new(w->loop, pair[0], &capakit__keeper__v1__request__descriptor,
				 on_message, on_closed, w);
	loop_timer_init(&w->limit, w->loop, stop);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	channel_free(&w->channel);
	loop_timer_stop(&w->limit);
	loop_free(&w->loop);
	fd_close(&w->peer);
	fd_close(&w->kept);
	free(w);
	return 0;
}

static size_t pack(uint8_t *out, uint64_t id, const char *name)
{
	Capakit__Keeper__V1__ResolveSecret resolve = CAPAKIT__KEEPER__V1__RESOLVE_SECRET__INIT;
	Capakit__Keeper__V1__Request request = CAPAKIT__KEEPER__V1__REQUEST__INIT;
	auto_free char *copy = xstrdup(name);

	resolve.name = copy;
	request.id = id;
	request.kind_case = CAPAKIT__KEEPER__V1__REQUEST__KIND_RESOLVE_SECRET;
	request.resolve_secret = &resolve;
	return capakit__keeper__v1__request__pack(&request, out);
}

static void send_id(struct world *w, uint64_t id)
{
	uint8_t packet[128];

	assert_true(send(w->peer, packet, pack(packet, id, "token"), 0) > 0);
}

static void send_with_fds(int socket, size_t n_fds)
{
	uint8_t packet[128];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(16 * sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = packet, .iov_len = pack(packet, 9, "token")};
	struct msghdr header = {.msg_iov = &iov,
				.msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = CMSG_SPACE(n_fds * sizeof(int))};
	int *fds = (int *)CMSG_DATA(CMSG_FIRSTHDR(&header));

	*CMSG_FIRSTHDR(&header) = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
						   .cmsg_type = SCM_RIGHTS,
						   .cmsg_len = CMSG_LEN(n_fds * sizeof(int))};
	for (size_t i = 0; i < n_fds; i++)
		fds[i] = STDERR_FILENO;
	assert_true(sendmsg(socket, &header, 0) > 0);
}

static int lowest_free_fd(void)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

	close(fd);
	return fd;
}

static void receives_messages_in_order(void **state)
{
	struct world *w = *state;

	for (uint64_t id = 1; id <= 50; id++) // more than are read per wake-up
		send_id(w, id);
	run(w, 50);
	assert_int_equal(w->received, 50);
	assert_int_equal(w->last_id, 50);
	assert_string_equal(w->last_name, "token");
	assert_int_equal(w->closed, 0);
}

static void passes_descriptors(void **state)
{
	struct world *w = *state;

	w->take = true;
	send_with_fds(w->peer, 2);
	run(w, 30);
	assert_int_equal(w->last_fds, 2);
	assert_true(w->kept >= 0);
	assert_int_equal(fcntl(w->kept, F_GETFD), FD_CLOEXEC);
}

static void closes_descriptors_that_nobody_took(void **state)
{
	struct world *w = *state;
	int before = lowest_free_fd();

	send_with_fds(w->peer, CHANNEL_FDS_MAX);
	run(w, 30);
	assert_int_equal(w->last_fds, CHANNEL_FDS_MAX);
	assert_int_equal(lowest_free_fd(), before);
}

static void drops_a_peer_with_too_many_descriptors(void **state)
{
	struct world *w = *state;
	int before = lowest_free_fd();

	send_with_fds(w->peer, CHANNEL_FDS_MAX + 1);
	run(w, 30);
	assert_int_equal(w->received, 0);
	assert_int_equal(w->closed, 1);
	assert_int_equal(w->why, ERR_LIMIT);
	assert_int_equal(lowest_free_fd(), before);
}

static void drops_a_peer_with_a_message_too_long(void **state)
{
	struct world *w = *state;
	uint8_t *packet = xcalloc(1, CHANNEL_MESSAGE_MAX + 1);

	assert_true(send(w->peer, packet, CHANNEL_MESSAGE_MAX + 1, 0) > 0);
	send_id(w, 1);
	run(w, 30);
	assert_int_equal(w->received, 0);
	assert_int_equal(w->why, ERR_LIMIT);
	free(packet);
}

static void drops_a_peer_that_talks_nonsense(void **state)
{
	struct world *w = *state;

	assert_true(send(w->peer, "\xff\xff\xff", 3, 0) > 0);
	send_id(w, 1);
	run(w, 30);
	assert_int_equal(w->received, 0);
	assert_int_equal(w->closed, 1);
	assert_int_equal(w->why, ERR_PROTOCOL);
}

/* A field of two bytes becomes some forty: what is unpacked is bounded too. */
static void drops_a_peer_whose_message_swells(void **state)
{
	struct world *w = *state;
	uint8_t *packet = xmalloc(CHANNEL_MESSAGE_MAX);

	for (size_t i = 0; i < CHANNEL_MESSAGE_MAX; i += 2)
		memcpy(packet + i, "\x7a\x00", 2); // unknown field 15, empty
	assert_true(send(w->peer, packet, CHANNEL_MESSAGE_MAX, 0) > 0);
	run(w, 50);
	assert_int_equal(w->received, 0);
	assert_int_equal(w->why, ERR_PROTOCOL);
	free(packet);
}

static void says_once_that_the_peer_went_away(void **state)
{
	struct world *w = *state;

	send_id(w, 1);
	fd_close(&w->peer);
	run(w, 30);
	assert_int_equal(w->received, 1); // what was sent before arrives
	assert_int_equal(w->closed, 1);
	assert_int_equal(w->why, ERR_CLOSED);
}

static void may_be_freed_while_it_hands_over_a_message(void **state)
{
	struct world *w = *state;

	w->free_in_message = true;
	send_id(w, 1);
	send_id(w, 2);
	run(w, 30);
	assert_int_equal(w->received, 1);
	assert_null(w->channel);
}

static void may_be_freed_while_it_says_closed(void **state)
{
	struct world *w = *state;

	w->free_in_closed = true;
	fd_close(&w->peer);
	run(w, 30);
	assert_int_equal(w->closed, 1);
	assert_null(w->channel);
}

static bool send_one(struct world *w, uint64_t id, const int *fds, size_t n_fds, struct err *err)
{
	Capakit__Keeper__V1__Request request = CAPAKIT__KEEPER__V1__REQUEST__INIT;

	request.id = id;
	return channel_send(w->channel, &request.base, fds, n_fds, err);
}

static uint64_t receive_id(struct world *w, int *fd)
{
	uint8_t packet[64];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = packet, .iov_len = sizeof(packet)};
	struct msghdr header = {.msg_iov = &iov,
				.msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = sizeof(control)};
	ssize_t len = recvmsg(w->peer, &header, MSG_DONTWAIT);
	Capakit__Keeper__V1__Request *request;
	uint64_t id;

	if (len <= 0)
		return 0;
	*fd = CMSG_FIRSTHDR(&header) ? *(int *)CMSG_DATA(CMSG_FIRSTHDR(&header)) : -1;
	request = capakit__keeper__v1__request__unpack(NULL, (size_t)len, packet);
	id = request->id;
	capakit__keeper__v1__request__free_unpacked(request, NULL);
	return id;
}

static void queues_behind_a_slow_peer_with_descriptors(void **state)
{
	struct world *w = *state;
	int file = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	struct stat sent, got;
	struct err err;
	int fd = -1;

	fstat(file, &sent);
	for (uint64_t id = 1; id <= 600; id++)
		assert_true(send_one(w, id, &file, 1, &err));
	close(file); // the queue has its own
	for (uint64_t id = 1; id <= 600; id++) {
		uint64_t arrived = receive_id(w, &fd);

		if (arrived == 0) {
			run(w, 2);
			arrived = receive_id(w, &fd);
		}
		assert_int_equal(arrived, id);
		assert_int_equal(fstat(fd, &got), 0);
		assert_int_equal(got.st_ino, sent.st_ino);
		close(fd);
	}
}

static void drops_a_peer_that_never_reads(void **state)
{
	struct world *w = *state;
	struct err err = {0};
	unsigned sent = 0;

	while (sent < 100000 && send_one(w, ++sent, NULL, 0, &err))
		;
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(w->closed, 0); // said from the loop, not from within channel_send
	run(w, 20);
	assert_int_equal(w->closed, 1);
	assert_int_equal(w->why, ERR_LIMIT);
	assert_false(send_one(w, 1, NULL, 0, &err));
	assert_int_equal(err.code, ERR_CLOSED);
}

static void sending_to_a_peer_that_left_fails_and_is_reported(void **state)
{
	struct world *w = *state;
	struct err err;

	fd_close(&w->peer);
	assert_false(send_one(w, 1, NULL, 0, &err));
	assert_int_equal(err.code, ERR_CLOSED);
	run(w, 20);
	assert_int_equal(w->closed, 1);
}

static void a_peer_that_left_something_unread_is_still_heard(void **state)
{
	struct world *w = *state;
	struct err err;

	assert_true(send_one(w, 7, NULL, 0, &err)); // never read
	send_id(w, 1);
	fd_close(&w->peer);
	run(w, 30);
	assert_int_equal(w->received, 1);
	assert_int_equal(w->closed, 1);
	assert_int_equal(w->why, ERR_CLOSED);
}

static void refuses_what_does_not_fit(void **state)
{
	struct world *w = *state;
	Capakit__Keeper__V1__SignCertificate sign = CAPAKIT__KEEPER__V1__SIGN_CERTIFICATE__INIT;
	Capakit__Keeper__V1__Request request = CAPAKIT__KEEPER__V1__REQUEST__INIT;
	int fds[CHANNEL_FDS_MAX + 1] = {0};
	struct err err;

	assert_false(channel_send(w->channel, &request.base, NULL, 0, &err)); // empty
	assert_int_equal(err.code, ERR_USAGE);
	assert_false(send_one(w, 1, fds, CHANNEL_FDS_MAX + 1, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	sign.request.len = CHANNEL_MESSAGE_MAX;
	sign.request.data = xcalloc(1, sign.request.len);
	request.kind_case = CAPAKIT__KEEPER__V1__REQUEST__KIND_SIGN_CERTIFICATE;
	request.sign_certificate = &sign;
	assert_false(channel_send(w->channel, &request.base, NULL, 0, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	sign.request.len -= 64; // nearly the largest goes in one packet
	assert_true(channel_send(w->channel, &request.base, NULL, 0, &err));
	free(sign.request.data);
}

static void an_idle_channel_does_not_spin(void **state)
{
	struct world *w = *state;
	struct rusage before, after;

	send_id(w, 1);
	getrusage(RUSAGE_SELF, &before);
	run(w, 200);
	getrusage(RUSAGE_SELF, &after);
	assert_true((after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000 +
			    (after.ru_utime.tv_usec - before.ru_utime.tv_usec) <
		    60000);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(receives_messages_in_order),
		test(passes_descriptors),
		test(closes_descriptors_that_nobody_took),
		test(drops_a_peer_with_too_many_descriptors),
		test(drops_a_peer_with_a_message_too_long),
		test(drops_a_peer_that_talks_nonsense),
		test(drops_a_peer_whose_message_swells),
		test(says_once_that_the_peer_went_away),
		test(a_peer_that_left_something_unread_is_still_heard),
		test(may_be_freed_while_it_hands_over_a_message),
		test(may_be_freed_while_it_says_closed),
		test(queues_behind_a_slow_peer_with_descriptors),
		test(drops_a_peer_that_never_reads),
		test(sending_to_a_peer_that_left_fails_and_is_reported),
		test(refuses_what_does_not_fit),
		test(an_idle_channel_does_not_spin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
