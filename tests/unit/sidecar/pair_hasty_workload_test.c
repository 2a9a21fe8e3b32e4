// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A workload that is slow to take connections, or keeps them, and peers that say nothing: with
 * sidecars that wait less and count less than the product's (hasty.h).
 */
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
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "pair_client.h"

enum { PATIENCE_MS = 5000, FILL_MAX = 16, QUEUE = 16 };

#define REQUEST "GET /w/x HTTP/1.1\r\nHost: b\r\n\r\n"
#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine"

static struct sidecar_pair pair;

static int start(void **state)
{
	const struct sidecar_pair_options options = {
		.program = SIDECAR_PROGRAM, .no_workload = true, .hostile = true};

	return sidecar_pair_start(&pair, &options) ? 0 : -1;
}

static int stop(void **state)
{
	sidecar_pair_stop(&pair);
	return 0;
}

/* The test is the workload. */
static int listen_as_workload(int queue)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "b/ingress/http.sock"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	unlink(name.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(chmod(name.sun_path, 0777), 0);
	assert_int_equal(listen(fd, queue), 0);
	return fd;
}

static int take(int listening)
{
	struct pollfd wait = {.fd = listening, .events = POLLIN};
	int fd;

	assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
	fd = accept(listening, NULL, NULL);
	client_be_patient(fd);
	return fd;
}

static void an_idle_connection_to_it_is_closed(void **state)
{
	char byte;
	int listening = listen_as_workload(QUEUE), client = client_call(&pair), kept;
	auto_free char *request = NULL, *answer = NULL;

	client_put(client, REQUEST);
	kept = take(listening);
	request = client_read_until(kept, "\r\n\r\n");
	client_put(kept, ANSWER);
	answer = client_read_until(client, "mine");
	assert_int_equal(recv(kept, &byte, 1, 0), 0); // within PATIENCE, or it fails
	close(kept);
	close(client);
	close(listening);
}

static void one_whose_queue_stays_full_is_503(void **state)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "b/ingress/http.sock"};
	int listening = listen_as_workload(0), waiting[FILL_MAX];
	auto_free char *answer = NULL;
	size_t n = 0;

	for (bool full = false; !full && n < FILL_MAX; n++) {
		waiting[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		full = connect(waiting[n], (struct sockaddr *)&name, sizeof(name)) != 0;
	}
	answer = client_ask(client_call(&pair),
			    "GET /w/x HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n");
	client_expect(answer, "HTTP/1.1 503 ");
	client_expect(answer, "does not accept connections (its queue is full)");
	while (n)
		close(waiting[--n]);
	close(listening);
}

static void more_than_it_gets_at_once_are_503(void **state)
{
	int listening = listen_as_workload(QUEUE);
	int clients[INGRESS_CONNECTIONS_MAX], taken[INGRESS_CONNECTIONS_MAX];
	auto_free char *answer = NULL;

	for (size_t i = 0; i < INGRESS_CONNECTIONS_MAX; i++) {
		clients[i] = client_call(&pair);
		client_put(clients[i], REQUEST);
		taken[i] = take(listening);
	}
	answer = client_ask(client_call(&pair),
			    "GET /w/x HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n");
	client_expect(answer, "HTTP/1.1 503 ");
	client_expect(answer, "too many requests at once");
	for (size_t i = 0; i < INGRESS_CONNECTIONS_MAX; i++) {
		close(taken[i]);
		close(clients[i]);
	}
	close(listening);
}

static void who_goes_on_sending_after_its_answer_is_closed(void **state)
{
	int fd = client_call(&pair);
	char part[4096] = {0};
	ssize_t sent;

	client_put(fd, "POST /w/x HTTP/1.1\r\nHost: b\r\nContent-Length: 99999999999\r\n\r\n");
	do {
		usleep(1000);
		sent = send(fd, part, sizeof(part), MSG_NOSIGNAL);
	} while (sent > 0); // guarded by the time limit of all tests
	close(fd);
}

static void a_link_whose_peer_says_nothing_goes_down(void **state)
{
	pair_order(&pair, PAIR_HOSTILE_CALLER);
	assert_true(pair_event(&pair, "evil>b down"));
}

static void a_sidecar_with_more_links_than_it_may_have_ends(void **state)
{
	const struct sidecar_pair_options options = {
		.program = SIDECAR_PROGRAM, .no_workload = true, .more_links = 2 * LINKS_MAX};
	struct sidecar_pair crowded;
	auto_free char *text = NULL;
	auto_fd int log = -1;
	struct err err;
	size_t len;

	assert_false(sidecar_pair_start(&crowded, &options));
	log = open("a.log", O_RDONLY | O_CLOEXEC);
	assert_true(log >= 0 && fd_read_all(log, 1 << 20, &text, &len, &err));
	client_expect(text, "more than 8 links");
	sidecar_pair_stop(&crowded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_connection_to_it_is_closed),
		cmocka_unit_test(one_whose_queue_stays_full_is_503),
		cmocka_unit_test(more_than_it_gets_at_once_are_503),
		cmocka_unit_test(who_goes_on_sending_after_its_answer_is_closed),
		cmocka_unit_test(a_link_whose_peer_says_nothing_goes_down),
	};
	const struct CMUnitTest alone[] = {
		cmocka_unit_test(a_sidecar_with_more_links_than_it_may_have_ends),
	};
	int failed;

	signal(SIGPIPE, SIG_IGN);
	failed = cmocka_run_group_tests(tests, start, stop);
	return failed + cmocka_run_group_tests(alone, NULL, NULL);
}
