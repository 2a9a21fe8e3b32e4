// SPDX-License-Identifier: GPL-3.0-or-later
/* Clients that speak HTTP/2 with prior knowledge, on the sockets where others speak HTTP/1.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "pair_client.h"
#include "pair_fixture.h"

enum {
	FRAME_HEAD = 9,
	DATA = 0,
	HEADERS = 1,
	SETTINGS = 4,
	GOAWAY = 7,
	END_STREAM = 1,
	END_HEADERS = 4
};

static void put_frame(int fd, uint8_t type, uint8_t flags, uint8_t stream, const void *data,
		      size_t len)
{
	uint8_t frame[512] = {0, (uint8_t)(len >> 8), (uint8_t)len, type, flags, 0, 0, 0, stream};

	memcpy(frame + FRAME_HEAD, data, len);
	assert_int_equal(send(fd, frame, FRAME_HEAD + len, MSG_NOSIGNAL), FRAME_HEAD + len);
}

/* In HPACK: the method from the static table, path and authority as plain literals. */
static void put_get(int fd, uint8_t stream, const char *path, const char *authority)
{
	uint8_t block[256] = {0x82, 0x86, 0x04, (uint8_t)strlen(path)};
	size_t len = 4 + strlen(path);

	memcpy(block + 4, path, strlen(path));
	block[len++] = 0x01;
	block[len++] = (uint8_t)strlen(authority);
	memcpy(block + len, authority, strlen(authority));
	put_frame(fd, HEADERS, END_STREAM | END_HEADERS, stream, block, len + strlen(authority));
}

static void begin(int fd)
{
	client_put(fd, "PRI * HTTP/2.0\r\n\r\nSM");
	usleep(20000); // a preface may come in pieces
	client_put(fd, "\r\n\r\n");
	put_frame(fd, SETTINGS, 0, 0, "", 0);
}

/* The next frame of this type. Its payload is a text. */
static size_t read_frame(int fd, uint8_t type, uint8_t *stream, char *payload, size_t size)
{
	uint8_t head[FRAME_HEAD];
	size_t len;

	do {
		assert_int_equal(recv(fd, head, FRAME_HEAD, MSG_WAITALL), FRAME_HEAD);
		len = (size_t)head[1] << 8 | head[2];
		assert_true(len < size);
		assert_true(!len || recv(fd, payload, len, MSG_WAITALL) == (ssize_t)len);
	} while (head[3] != type);
	payload[len] = '\0';
	*stream = head[8];
	return len;
}

static void expect_data(int fd, uint8_t stream, const char *text)
{
	static char payload[32768];
	uint8_t of;
	size_t len = read_frame(fd, DATA, &of, payload, sizeof(payload));

	assert_int_equal(of, stream);
	assert_true(len > 0);
	client_expect(payload, text);
}

static void a_socket_in_connect_takes_both_versions(void **state)
{
	int fd = client_call(&pair);
	auto_free char *old = NULL;

	begin(fd);
	put_get(fd, 1, "/w/bytes?3", "a");
	expect_data(fd, 1, "abc");
	put_get(fd, 3, "/w/head", "a");
	expect_data(fd, 3, "x-capakit-caller: spiffe://t.capakit/workload/a\r\n");
	put_get(fd, 5, "/other", "a");
	expect_data(fd, 5, "403 Forbidden");
	close(fd);
	old = client_ask(client_call(&pair),
			 "GET /w/bytes?3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	client_expect(old, "\r\n\r\nabc");
}

static void so_does_the_edge(void **state)
{
	int fd = client_edge(&pair);
	auto_free char *authority = xasprintf("127.0.0.1:%u", pair.edge_port);

	begin(fd);
	put_get(fd, 1, "/head", authority);
	expect_data(fd, 1, "x-forwarded-for: 127.0.0.1\r\n");
	put_get(fd, 3, "/bytes?3", authority);
	expect_data(fd, 3, "abc");
	put_get(fd, 5, "/head", "evil.example");
	expect_data(fd, 5, "403 Forbidden");
	close(fd);
}

static void the_bridge_speaks_http_1_only(void **state)
{
	auto_free char *answer = client_ask(pair_bridge(&pair), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

	client_expect(answer, "HTTP/1.1 505 ");
}

static void a_preface_comes_first_or_not_at_all(void **state)
{
	auto_free char *answer =
		client_ask(client_call(&pair), "GET /w/bytes?3 HTTP/1.1\r\nHost: a\r\n\r\n"
					       "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

	client_expect(answer, "\r\n\r\nabc");
	client_expect(answer, "HTTP/1.1 505 ");
}

static void draining_says_goodbye(void **state)
{
	static char payload[1024];
	int fd = client_call(&pair);
	uint8_t stream;

	begin(fd);
	put_get(fd, 1, "/w/bytes?3", "a");
	expect_data(fd, 1, "abc");
	pair_order(&pair, PAIR_DRAIN);
	read_frame(fd, GOAWAY, &stream, payload, sizeof(payload));
	for (int i = 0; i < 3; i++)
		assert_true(pair_event(&pair, "drained"));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_in_connect_takes_both_versions),
		cmocka_unit_test(so_does_the_edge),
		cmocka_unit_test(the_bridge_speaks_http_1_only),
		cmocka_unit_test(a_preface_comes_first_or_not_at_all),
		cmocka_unit_test(draining_says_goodbye), // the last: it ends all
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, pair_fixture_start, pair_fixture_stop);
}
