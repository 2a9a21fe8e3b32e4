// SPDX-License-Identifier: GPL-3.0-or-later
// Real sockets on loopback; as root also those of another user.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "sidecar/confine.h"
#include "sidecar/edge_peer.h"

#define USER 61234

static struct edge_peer *peer;

static int listen_on(int family, struct sockaddr_storage *address, socklen_t *len)
{
	memset(address, 0, sizeof(*address));
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	*len = sizeof(struct sockaddr_in);
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	*v4 = (struct sockaddr_in){.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 0x530102)};
	if (family == AF_INET6) {
		*len = sizeof(struct sockaddr_in6);
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
		*v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = in6addr_any};
		int both = 0;
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &both, sizeof(both));
	}
	assert_int_equal(bind(fd, (struct sockaddr *)address, *len), 0);
	assert_int_equal(listen(fd, 10), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, len), 0);
	return fd;
}

static int dial(const struct sockaddr_storage *address, socklen_t len)
{
	int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)address, len), 0);
	return fd;
}

static void own_connections_have_the_own_uid(void **state)
{
	(void)state;
	struct err err;
	struct sockaddr_storage address;
	socklen_t len;
	uint32_t uid = 77;
	auto_fd int listener = listen_on(AF_INET, &address, &len);
	auto_fd int client = dial(&address, len);
	auto_fd int accepted = accept(listener, NULL, NULL);
	assert_true(edge_peer_uid(peer, accepted, &uid, &err));
	assert_int_equal(uid, getuid());
	assert_int_equal(shutdown(client, SHUT_WR), 0); // it still waits for the answer
	assert_true(edge_peer_uid(peer, accepted, &uid, &err));
}

static void ipv6_and_mapped_addresses(void **state)
{
	(void)state;
	struct err err;
	struct sockaddr_storage address;
	socklen_t len;
	uint32_t uid = 77;
	auto_fd int listener = listen_on(AF_INET6, &address, &len);
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
	v6->sin6_addr = in6addr_loopback;
	auto_fd int client = dial(&address, len);
	auto_fd int accepted = accept(listener, NULL, NULL);
	assert_true(edge_peer_uid(peer, accepted, &uid, &err));
	assert_int_equal(uid, getuid());
	struct sockaddr_storage mapped = {0};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&mapped;
	*v4 = (struct sockaddr_in){.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				   .sin_port = v6->sin6_port};
	auto_fd int client4 = dial(&mapped, sizeof(*v4));
	auto_fd int accepted4 = accept(listener, NULL, NULL);
	assert_true(edge_peer_uid(peer, accepted4, &uid, &err));
	assert_int_equal(uid, getuid());
}

/* The kernel says uid 0 for a socket that no process holds: that must never let anybody in. */
static void a_socket_that_was_closed_has_no_owner(void **state)
{
	(void)state;
	struct err err;
	struct sockaddr_storage address;
	socklen_t len;
	uint32_t uid = 77;
	auto_fd int listener = listen_on(AF_INET, &address, &len);
	auto_fd int client = dial(&address, len);
	auto_fd int accepted = accept(listener, NULL, NULL);
	assert_int_equal(write(client, "GET / HTTP/1.1\r\n", 16), 16);
	fd_close(&client); // now FIN_WAIT_2
	assert_false(edge_peer_uid(peer, accepted, &uid, &err));
	assert_int_equal(err.code, ERR_DENIED);
	shutdown(accepted, SHUT_WR); // now TIME_WAIT
	assert_false(edge_peer_uid(peer, accepted, &uid, &err));
	assert_int_equal(uid, 77);
}

static void what_is_no_tcp_connection_is_refused(void **state)
{
	(void)state;
	struct err err;
	uint32_t uid;
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_false(edge_peer_uid(peer, pair[0], &uid, &err));
	assert_false(edge_peer_uid(peer, -1, &uid, &err));
	close(pair[0]);
	close(pair[1]);
}

static void another_user_is_told_apart(void **state)
{
	(void)state;
	if (getuid() != 0)
		return;
	struct err err;
	struct sockaddr_storage address;
	socklen_t len;
	uint32_t uid = 77;
	auto_fd int listener = listen_on(AF_INET, &address, &len);
	pid_t child = fork();
	if (child == 0) {
		if (setgid(USER) != 0 || setuid(USER) != 0)
			_exit(1);
		dial(&address, len);
		poll(NULL, 0, 10000);
		_exit(0);
	}
	auto_fd int accepted = accept(listener, NULL, NULL);
	bool known = edge_peer_uid(peer, accepted, &uid, &err);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_true(known);
	assert_int_equal(uid, USER);
}

static void works_when_confined(void **state)
{
	(void)state;
	struct sockaddr_storage address;
	socklen_t len;
	auto_fd int listener = listen_on(AF_INET, &address, &len);
	auto_fd int client = dial(&address, len);
	pid_t child = fork();
	if (child == 0) {
		struct err err;
		uint32_t uid, owner = getuid();
		struct edge_peer *own = NULL;
		if (owner == 0 && (setgid(USER) != 0 || setuid(USER) != 0))
			_exit(1);
		if (!(own = edge_peer_open(&err)) || !confine_self(CONFINE_EDGE, -1, &err)) {
			fprintf(stderr, "%s\n", err.text);
			_exit(2);
		}
		int accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		_exit(edge_peer_uid(own, accepted, &uid, &err) && uid == owner ? 0 : 3);
	}
	int status;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static int set_up(void **state)
{
	(void)state;
	struct err err;
	peer = edge_peer_open(&err);
	if (!peer)
		print_error("%s\n", err.text);
	return peer ? 0 : 1;
}

static int tear_down(void **state)
{
	(void)state;
	edge_peer_close(&peer);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_connections_have_the_own_uid),
		cmocka_unit_test(ipv6_and_mapped_addresses),
		cmocka_unit_test(a_socket_that_was_closed_has_no_owner),
		cmocka_unit_test(what_is_no_tcp_connection_is_refused),
		cmocka_unit_test(another_user_is_told_apart),
		cmocka_unit_test(works_when_confined),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
