// SPDX-License-Identifier: GPL-3.0-or-later
/* WebSocket upgrades through real sidecar processes: what opens, what is refused, how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "pair_client.h"
#include "pair_fixture.h"

#define ASK(name)                                                                                  \
	"GET /w/" name " HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n"               \
	"Upgrade: WebSocket\r\nSec-WebSocket-Key: "                                                \
	"dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

static void expect_open(int fd)
{
	auto_free char *head = client_read_until(fd, "\r\n\r\n");

	client_expect(head, "HTTP/1.1 101 Switching Protocols\r\n");
	client_expect(head, "\r\nconnection: upgrade\r\n");
	client_expect(head, "\r\nupgrade: websocket\r\n");
	client_expect_not(head, "content-length");
	client_expect_not(head, "x-capakit");
}

static int open_tunnel(const char *ask)
{
	int fd = client_call(&pair);

	client_put(fd, ask);
	expect_open(fd);
	return fd;
}

static void expect_echo(int fd, const char *text)
{
	auto_free char *back = NULL;

	client_put(fd, text);
	back = client_read_until(fd, text);
	assert_string_equal(back, text);
}

static void a_tunnel_carries_both_ways(void **state)
{
	int fd = client_call(&pair);
	auto_free char *head = NULL, *early = NULL, *rest = NULL;

	client_put(fd, ASK("tunnel") "early"); // which no client should do, before the 101
	head = client_read_until(fd, "\r\n\r\n");
	client_expect(head, "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
	early = client_read_until(fd, "early");
	assert_string_equal(early, "early");
	expect_echo(fd, "one");
	expect_echo(fd, "GET / HTTP/1.1\r\n\r\n");
	shutdown(fd, SHUT_WR);
	rest = client_read_all(fd);
	assert_string_equal(rest, "last word");
	assert_true(client_file_appears("tunnel-ended"));
	close(fd);
}

static void the_edge_opens_one_too(void **state)
{
	int fd = client_edge(&pair);
	auto_free char *ask =
		xasprintf("GET /tunnel HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: Upgrade\r\n"
			  "Upgrade: websocket\r\nOrigin: http://127.0.0.1:%u\r\n\r\n",
			  pair.edge_port, pair.edge_port);
	auto_free char *rest = NULL;

	client_put(fd, ask);
	expect_open(fd);
	expect_echo(fd, "through the edge");
	shutdown(fd, SHUT_WR); // its half close travels too
	rest = client_read_all(fd);
	assert_string_equal(rest, "last word");
	assert_true(client_file_appears("tunnel-ended"));
	close(fd);
}

static void a_page_of_another_site_opens_none(void **state)
{
	auto_free char *ask =
		xasprintf("GET /tunnel HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: Upgrade\r\n"
			  "Upgrade: websocket\r\nOrigin: http://evil.example\r\n\r\n",
			  pair.edge_port);
	auto_free char *answer = client_ask(client_edge(&pair), ask);

	client_expect(answer, "HTTP/1.1 403 Forbidden\r\n");
}

/* The key arrives; and the connection is an ordinary one again when the workload says no. */
static void a_workload_may_say_no(void **state)
{
	int fd = client_call(&pair);
	auto_free char *answer = NULL;

	client_put(fd, ASK("head") ASK("redirect") ASK("no-content"));
	client_put(fd, "POST /w/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
	answer = client_ask(fd, "GET /w/bytes?3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	client_expect(answer, "connection: upgrade\r\nupgrade: websocket\r\n");
	client_expect(answer, "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
	client_expect(answer, "HTTP/1.1 302 Found\r\n");
	client_expect(answer, "HTTP/1.1 204 No Content\r\n");
	client_expect(answer, "\r\n\r\nhello");
	client_expect(answer, "\r\n\r\nabc");
	client_expect_not(answer, "x-capakit-no-upgrade");
}

static void one_that_hangs_up_is_502(void **state)
{
	auto_free char *answer =
		client_ask(client_call(&pair), ASK("die") "GET /w/bytes?3 HTTP/1.1\r\n"
							  "Host: a\r\nConnection: close\r\n\r\n");

	client_expect(answer, "HTTP/1.1 502 Bad Gateway\r\n");
	client_expect(answer, "\r\n\r\nabc");
}

static void only_proper_requests_for_a_websocket_are_passed_on(void **state)
{
	static const char *const ordinary[] = {
		"GET /w/head HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: "
		"close\r\n\r\n",
		"GET /w/head HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: close, "
		"upgrade\r\n\r\n",
		"GET /w/head HTTP/1.0\r\nHost: a\r\nUpgrade: websocket\r\nConnection: "
		"upgrade\r\n\r\n",
		"OPTIONS /w/head HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
		"Connection: close, upgrade\r\n\r\n",
		"GET /w/head HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n"
		"Connection: close, upgrade\r\n\r\n",
	};
	auto_free char *body = client_ask(
		client_call(&pair),
		"GET /w/tunnel HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
		"Content-Length: 1\r\n\r\nx");

	client_expect(body, "HTTP/1.1 400 Bad Request\r\n");
	for (size_t i = 0; i < array_len(ordinary); i++) {
		auto_free char *answer = client_ask(client_call(&pair), ordinary[i]);

		client_expect(answer, "HTTP/1.1 200 OK\r\n");
		client_expect_not(answer, "upgrade:");
	}
}

static void a_half_close_travels_from_the_workload(void **state)
{
	int fd = open_tunnel(ASK("tunnel-first"));
	auto_free char *first = client_read_all(fd);
	char heard[64] = {0};
	FILE *file;

	assert_string_equal(first, "first");
	client_put(fd, "heard afterwards");
	shutdown(fd, SHUT_WR);
	for (int i = 0; i < 100 && access("heard", F_OK) != 0; i++)
		usleep(20000);
	file = fopen("heard", "r");
	assert_non_null(file);
	assert_non_null(fgets(heard, sizeof(heard), file));
	fclose(file);
	assert_string_equal(heard, "heard afterwards");
	close(fd);
}

static void a_client_that_goes_ends_it(void **state)
{
	int fd = open_tunnel(ASK("tunnel"));

	expect_echo(fd, "hello");
	client_put(fd, "unread");
	close(fd);
	assert_true(client_file_appears("tunnel-ended"));
}

static void a_workload_that_goes_ends_it(void **state)
{
	int fd = open_tunnel(ASK("tunnel-cut"));
	auto_free char *said = NULL;
	struct pollfd hung_up = {.fd = fd};

	client_put(fd, "much of what is never read");
	said = client_read_all(fd);
	assert_true(str_starts("cut", said)); // what was on its way may be lost
	assert_int_equal(poll(&hung_up, 1, 5000), 1);
	assert_true(hung_up.revents & POLLHUP);
	close(fd);
}

/* More than all buffers on the way hold: the writer has to wait for its reader. */
static void a_slow_reader_stops_the_writer(void **state)
{
	static char part[65536];
	int fd = open_tunnel(ASK("tunnel"));
	size_t most = 64 * STREAM_BUFFER_MAX, sent = 0, received = 0, wrong = 0;
	ssize_t n;

	for (size_t i = 0; i < sizeof(part); i++)
		part[i] = (char)(i % 251);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (int idle = 0; idle < 20 && sent < most;) {
		size_t at = sent % sizeof(part);

		n = send(fd, part + at, sizeof(part) - at, MSG_NOSIGNAL);
		sent += n > 0 ? (size_t)n : 0;
		idle = n > 0 ? 0 : idle + 1;
		if (n <= 0)
			usleep(10000);
	}
	print_message("# %zu KiB went in before the writer had to wait\n", sent / 1024);
	assert_true(sent > 0 && sent < 16 * STREAM_BUFFER_MAX);
	fcntl(fd, F_SETFL, 0);
	shutdown(fd, SHUT_WR);
	while (received < sent) {
		char back[65536];

		n = recv(fd, back, sizeof(back), 0);
		assert_true(n > 0);
		for (ssize_t i = 0; i < n && received < sent; i++, received++)
			wrong += back[i] != part[received % sizeof(part)];
	}
	assert_int_equal(wrong, 0);
	assert_true(client_file_appears("tunnel-ended"));
	close(fd);
}

static void draining_ends_tunnels(void **state)
{
	int fd = open_tunnel(ASK("tunnel"));
	auto_free char *rest = NULL;

	expect_echo(fd, "hello");
	pair_order(&pair, PAIR_DRAIN);
	rest = client_read_all(fd);
	assert_string_equal(rest, "");
	close(fd);
	for (int i = 0; i < 3; i++)
		assert_true(pair_event(&pair, "drained"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tunnel_carries_both_ways),
		cmocka_unit_test(the_edge_opens_one_too),
		cmocka_unit_test(a_page_of_another_site_opens_none),
		cmocka_unit_test(a_workload_may_say_no),
		cmocka_unit_test(one_that_hangs_up_is_502),
		cmocka_unit_test(only_proper_requests_for_a_websocket_are_passed_on),
		cmocka_unit_test(a_half_close_travels_from_the_workload),
		cmocka_unit_test(a_client_that_goes_ends_it),
		cmocka_unit_test(a_workload_that_goes_ends_it),
		cmocka_unit_test(a_slow_reader_stops_the_writer),
		cmocka_unit_test(draining_ends_tunnels), // the last: it ends all
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, pair_fixture_start, pair_fixture_stop);
}
