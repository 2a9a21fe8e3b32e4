// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Clients that shut down their sending side, on a Unix socket and at the edge, and clients that are
 * really gone: the one gets its answer, the other's request is cut at once.
 */
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
#include "floods_peer.h"
#include "pair_client.h"

enum { A_WHILE_US = 300000, PIPELINE = 300000 };

static struct sidecar_pair pair;

/* Both kinds of client in turn. */
static bool at_edge;

static int client(void)
{
	return at_edge ? client_edge(&pair) : client_call(&pair);
}

static void ask(int fd, const char *line, const char *more)
{
	auto_free char *request = xasprintf("%.*s %s%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s\r\n",
					    (int)strcspn(line, " "), line, at_edge ? "" : "/w",
					    line + strcspn(line, " ") + 1, pair.edge_port, more);

	client_put(fd, request);
}

static int start(void **state)
{
	const struct sidecar_pair_options options = {.program = SIDECAR_PROGRAM};

	return sidecar_pair_start(&pair, &options) ? 0 : -1;
}

static int stop(void **state)
{
	sidecar_pair_stop(&pair);
	return 0;
}

static int as_clients_of_the_edge(void **state)
{
	at_edge = true;
	return 0;
}

static char *read_answer(int fd)
{
	char *answer = client_read_all(fd);

	close(fd);
	return answer;
}

static void the_answer_comes(void **state)
{
	auto_free char *answer = NULL;
	int fd = client();

	ask(fd, "GET /bytes?3", "");
	shutdown(fd, SHUT_WR);
	answer = read_answer(fd);
	client_expect(answer, "\r\n\r\nabc");
}

static void also_one_that_takes_its_time(void **state)
{
	auto_free char *answer = NULL;
	int fd = client();

	ask(fd, "GET /sse?20", "");
	shutdown(fd, SHUT_WR);
	answer = read_answer(fd);
	client_expect(answer, "\r\n0\r\n\r\n");
}

static void also_to_a_request_with_a_body(void **state)
{
	auto_free char *answer = NULL;
	int fd = client();

	ask(fd, "POST /echo", "Content-Length: 5\r\n");
	client_put(fd, "hello");
	shutdown(fd, SHUT_WR);
	answer = read_answer(fd);
	client_expect(answer, "\r\n\r\nhello");
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		n++;
	}
	return n;
}

static void also_all_of_a_pipeline(void **state)
{
	auto_free char *answer = NULL;
	int fd = client();

	for (int i = 0; i < 5; i++)
		ask(fd, "GET /sse?3", "");
	shutdown(fd, SHUT_WR);
	answer = read_answer(fd);
	assert_int_equal(count(answer, "\r\n0\r\n\r\n"), 5);
}

static void a_request_that_is_not_complete_is_dropped(void **state)
{
	auto_free char *answer = NULL;
	int fd = client();

	unlink("cancelled");
	ask(fd, "GET /bytes?3", "");
	ask(fd, "POST /deaf", "Content-Length: 5\r\n");
	client_put(fd, "hel");
	shutdown(fd, SHUT_WR);
	answer = read_answer(fd);
	client_expect(answer, "\r\n\r\nabc");
	assert_int_equal(count(answer, "HTTP/1.1 "), 1);
}

static void whoever_closes_is_gone(void **state)
{
	int fd = client();

	unlink("cancelled");
	ask(fd, "GET /hang", "");
	usleep(A_WHILE_US);
	close(fd);
	assert_true(client_file_appears("cancelled"));
}

static void whoever_half_closes_is_not_until_it_closes(void **state)
{
	int fd = client();

	unlink("cancelled");
	ask(fd, "GET /hang", "");
	shutdown(fd, SHUT_WR);
	usleep(A_WHILE_US);
	assert_int_equal(access("cancelled", F_OK), -1);
	close(fd);
	assert_true(client_file_appears("cancelled"));
}

/* Its end is behind bytes that nobody reads yet. */
static void whoever_closes_behind_a_long_pipeline_is_gone(void **state)
{
	auto_free char *more = xcalloc(PIPELINE + 1, 1);
	int fd = client();

	memset(more, '\n', PIPELINE);
	unlink("cancelled");
	ask(fd, "GET /hang", "");
	usleep(A_WHILE_US);
	send(fd, more, PIPELINE, MSG_NOSIGNAL | MSG_DONTWAIT);
	usleep(A_WHILE_US);
	assert_int_equal(access("cancelled", F_OK), -1);
	close(fd);
	assert_true(client_file_appears("cancelled"));
}

/* Of a body that the workload does not take. */
static void whoever_closes_behind_a_body_is_gone(void **state)
{
	auto_free char *more = xcalloc(PIPELINE, 1);
	int fd = client();

	unlink("deaf-ended");
	ask(fd, "POST /deaf", "Content-Length: 10000000\r\n");
	for (int i = 0; i < 20; i++) {
		send(fd, more, PIPELINE, MSG_NOSIGNAL | MSG_DONTWAIT);
		usleep(A_WHILE_US / 20);
	}
	assert_int_equal(access("deaf-ended", F_OK), -1);
	close(fd);
	assert_true(client_file_appears("deaf-ended"));
}

/* Of HTTP/2: its requests are streams of one connection. */

static void open_http2(struct peer *peer)
{
	assert_true(at_edge ? peer_open_edge(peer, &pair)
			    : peer_open_plain(peer, client_call(&pair), false));
}

static void ask_http2(struct peer *peer, uint32_t stream, const char *method, const char *path,
		      uint8_t flags)
{
	auto_free char *whole = xasprintf("%s%s", at_edge ? "" : "/w", path);
	const char *fields[] = {":method", method, ":scheme",	 "http",
				":path",   whole,  ":authority", at_edge ? peer->authority : "a",
				NULL};
	uint8_t block[256];

	peer_frame(peer, FRAME_HEADERS, END_HEADERS | flags, stream, block,
		   peer_block(block, fields));
}

static void read_http2(struct peer *peer)
{
	for (int ms = 0; ms < PEER_PATIENCE_MS && !peer->closed; ms += 10)
		peer_read(peer, 10);
	assert_true(peer->closed);
	peer_close(peer);
}

static void http2_all_answers_come(void **state)
{
	struct peer peer;

	open_http2(&peer);
	ask_http2(&peer, 1, "GET", "/sse?10", END_STREAM);
	ask_http2(&peer, 3, "POST", "/echo", 0);
	peer_frame(&peer, FRAME_DATA, END_STREAM, 3, "hello", 5);
	ask_http2(&peer, 5, "GET", "/bytes?3", END_STREAM);
	peer_flush(&peer);
	shutdown(peer.fd, SHUT_WR);
	read_http2(&peer);
	assert_int_equal(peer.ended, 3);
	assert_int_equal(peer.resets, 0);
	assert_int_equal(peer.goaway_error, 0);
}

static void http2_a_request_that_is_not_complete_is_dropped(void **state)
{
	struct peer peer;

	unlink("deaf-ended");
	open_http2(&peer);
	ask_http2(&peer, 1, "POST", "/deaf", 0);
	peer_frame(&peer, FRAME_DATA, 0, 1, "hel", 3);
	ask_http2(&peer, 3, "GET", "/sse?5", END_STREAM);
	peer_flush(&peer);
	usleep(A_WHILE_US);
	shutdown(peer.fd, SHUT_WR);
	assert_true(client_file_appears("deaf-ended"));
	read_http2(&peer);
	assert_int_equal(peer.ended, 1);
	assert_int_equal(peer.resets, 1);
}

static void http2_without_a_request_it_is_closed(void **state)
{
	struct peer peer;

	open_http2(&peer);
	ask_http2(&peer, 1, "GET", "/bytes?3", END_STREAM);
	peer_flush(&peer);
	while (!peer.ended && !peer.closed)
		peer_read(&peer, 10);
	shutdown(peer.fd, SHUT_WR);
	read_http2(&peer);
}

static void http2_whoever_closes_is_gone(void **state)
{
	struct peer peer;

	unlink("cancelled");
	open_http2(&peer);
	ask_http2(&peer, 1, "GET", "/hang", END_STREAM);
	peer_flush(&peer);
	usleep(A_WHILE_US);
	peer_close(&peer);
	assert_true(client_file_appears("cancelled"));
}

static void http2_whoever_half_closes_is_not_until_it_closes(void **state)
{
	struct peer peer;

	unlink("cancelled");
	open_http2(&peer);
	ask_http2(&peer, 1, "GET", "/hang", END_STREAM);
	peer_flush(&peer);
	shutdown(peer.fd, SHUT_WR);
	usleep(A_WHILE_US);
	assert_int_equal(access("cancelled", F_OK), -1);
	peer_close(&peer);
	assert_true(client_file_appears("cancelled"));
}

#define TESTS                                                                                      \
	cmocka_unit_test(the_answer_comes), cmocka_unit_test(also_one_that_takes_its_time),        \
		cmocka_unit_test(also_to_a_request_with_a_body),                                   \
		cmocka_unit_test(also_all_of_a_pipeline),                                          \
		cmocka_unit_test(a_request_that_is_not_complete_is_dropped),                       \
		cmocka_unit_test(whoever_closes_is_gone),                                          \
		cmocka_unit_test(whoever_half_closes_is_not_until_it_closes),                      \
		cmocka_unit_test(whoever_closes_behind_a_long_pipeline_is_gone),                   \
		cmocka_unit_test(whoever_closes_behind_a_body_is_gone),                            \
		cmocka_unit_test(http2_all_answers_come),                                          \
		cmocka_unit_test(http2_a_request_that_is_not_complete_is_dropped),                 \
		cmocka_unit_test(http2_without_a_request_it_is_closed),                            \
		cmocka_unit_test(http2_whoever_closes_is_gone),                                    \
		cmocka_unit_test(http2_whoever_half_closes_is_not_until_it_closes)

int main(void)
{
	const struct CMUnitTest unix_clients[] = {TESTS};
	const struct CMUnitTest clients_of_the_edge[] = {TESTS};
	int failed;

	signal(SIGPIPE, SIG_IGN);
	if (start(NULL) != 0)
		return 1;
	failed = cmocka_run_group_tests(unix_clients, NULL, NULL);
	failed += cmocka_run_group_tests(clients_of_the_edge, as_clients_of_the_edge, NULL);
	stop(NULL);
	return failed;
}
