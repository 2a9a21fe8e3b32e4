// SPDX-License-Identifier: GPL-3.0-or-later
/* What the caller's sidecar repeats, and when it stops; the callee's closes what a client left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "pair_client.h"

enum { ALL_DELAYS_US = 400000 }; // of the repetitions that the budget would allow at first

#define CLOSING " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static struct sidecar_pair pair;

static int start(void **state)
{
	const struct sidecar_pair_options options = {.program = SIDECAR_PROGRAM, .retries = 10};

	return sidecar_pair_start(&pair, &options) ? 0 : -1;
}

static int stop(void **state)
{
	sidecar_pair_stop(&pair);
	return 0;
}

/* Connections to the workload so far; the one that asks is among them, unless it was kept. */
static unsigned connections(void)
{
	auto_free char *answer = client_ask(client_call(&pair), "GET /w/count" CLOSING);
	unsigned n = 0;

	client_expect(answer, "200 OK");
	assert_int_equal(sscanf(strstr(answer, "\r\n\r\n"), "%u", &n), 1);
	return n;
}

/* The first: nothing of the budget is used up. */
static void a_client_that_goes_away_ends_the_repetitions(void **state)
{
	unsigned before = connections();
	int fd = client_call(&pair);

	(void)state;
	client_put(fd, "GET /w/die" CLOSING);
	close(fd);
	usleep(ALL_DELAYS_US);
	/* At most the kept connection, which is gone with its request, a fresh one, and one for us.
	 */
	assert_in_range(connections() - before, 0, 2);
}

static void a_failure_is_repeated_as_the_budget_says(void **state)
{
	unsigned before = connections();
	auto_free char *answer = client_ask(client_call(&pair), "GET /w/die" CLOSING);

	(void)state;
	client_expect(answer, "502 Bad Gateway");
	client_expect_not(answer, "x-capakit-failure"); // that is between sidecars
	/*
	 * One for the first try instead of the kept one, RETRY_FLOOR more, one for the five
	 * requests so far, and one for us.
	 */
	assert_int_equal(connections() - before, 3 + RETRY_FLOOR);
}

static void what_is_not_safe_is_not_repeated(void **state)
{
	static const char *const requests[] = {
		"POST /w/die HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		"PUT /w/die HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx",
		"PATCH /w/die" CLOSING,
	};

	(void)state;
	for (size_t i = 0; i < 30; i++) // so that the budget would allow it
		connections();
	for (size_t i = 0; i < array_len(requests); i++) {
		unsigned before = connections();
		auto_free char *answer = client_ask(client_call(&pair), requests[i]);

		client_expect(answer, "502 Bad Gateway");
		assert_int_equal(connections() - before, 1);
	}
}

/* The edge calls the same endpoint, without retries; a's circuit stays shut when the edge's opens.
 */
static void each_caller_has_a_policy_of_its_own(void **state)
{
	auto_free char *request = xasprintf("GET /die HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
					    "Connection: close\r\n\r\n",
					    pair.edge_port);
	unsigned before;

	(void)state;
	for (size_t i = 0; i < 30; i++)
		connections();
	before = connections();
	for (size_t i = 0; i < CIRCUIT_FAILURES; i++) { // so that the edge's circuit opens
		auto_free char *answer = client_ask(client_edge(&pair), request);

		client_expect(answer, "502 Bad Gateway");
	}
	assert_int_equal(connections() - before, CIRCUIT_FAILURES + 1); // one for us: a may ask
}

static void nor_what_has_begun_to_answer(void **state)
{
	unsigned before = connections();
	auto_free char *answer = client_ask(client_call(&pair), "GET /w/half" CLOSING);

	(void)state;
	client_expect(answer, "half");
	assert_int_equal(connections() - before, 1);
}

/* The workload's own 5xx and 4xx are answers; the circuit does not count them. */
static void answers_are_not_repeated(void **state)
{
	unsigned before = connections();

	(void)state;
	for (int i = 0; i < 2 * CIRCUIT_FAILURES; i++)
		free(client_ask(client_call(&pair), "GET /w/redirect" CLOSING));
	assert_int_equal(connections() - before, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_that_goes_away_ends_the_repetitions),
		cmocka_unit_test(a_failure_is_repeated_as_the_budget_says),
		cmocka_unit_test(what_is_not_safe_is_not_repeated),
		cmocka_unit_test(nor_what_has_begun_to_answer),
		cmocka_unit_test(answers_are_not_repeated),
		cmocka_unit_test(each_caller_has_a_policy_of_its_own),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, start, stop);
}
