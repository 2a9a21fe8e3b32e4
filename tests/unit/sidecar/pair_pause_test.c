// SPDX-License-Identifier: GPL-3.0-or-later
/* A workload that is to be restarted: what is under way ends, nothing new begins, until it is back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "pair_client.h"
#include "pair_fixture.h"

#define GET "GET /w/bytes?3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static void resume(void)
{
	pair_order(&pair, PAIR_WATCH_READY);
	assert_true(pair_event(&pair, "b ready socket"));
}

static void expect_service(void)
{
	auto_free char *answer = client_ask(client_call(&pair), GET);

	client_expect(answer, "HTTP/1.1 200 ");
	client_expect(answer, "\r\n\r\nabc");
}

static void without_requests_it_is_paused_at_once(void **state)
{
	auto_free char *answer = NULL;

	expect_service();
	pair_order(&pair, PAIR_PAUSE);
	assert_true(pair_event(&pair, "b paused"));
	answer = client_ask(client_call(&pair), GET);
	client_expect(answer, "HTTP/1.1 503 ");
	client_expect(answer, "it is being restarted");
	resume();
	expect_service();
}

/* The request is begun, and its end sent only after the pause. */
static void what_is_under_way_ends_first(void **state)
{
	int fd = client_call(&pair);
	auto_free char *refused = NULL, *answer = NULL;

	client_put(fd, "POST /w/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n"
		       "Connection: close\r\n\r\n01234");
	free(client_read_until(fd, "01234"));
	pair_order(&pair, PAIR_PAUSE);
	do {
		free(refused);
		refused = client_ask(client_call(&pair), GET);
	} while (strstr(refused, " 200 ")); // until it has heard
	client_expect(refused, "HTTP/1.1 503 ");
	client_put(fd, "56789");
	answer = client_read_all(fd);
	client_expect(answer, "56789");
	close(fd);
	assert_true(pair_event(&pair, "b paused"));
	resume();
	expect_service();
}

static void what_has_no_end_of_its_own_is_ended(void **state)
{
	int events = client_call(&pair);
	auto_free char *rest = NULL;

	client_put(events, "GET /w/forever HTTP/1.1\r\nHost: a\r\n\r\n");
	free(client_read_until(events, "data:"));
	pair_order(&pair, PAIR_PAUSE);
	assert_true(pair_event(&pair, "b paused"));
	client_put(events, "GET /w/bytes?3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	rest = client_read_all(events);
	client_expect(rest, "\r\n0\r\n\r\n"); // in order, so that the client may ask again
	close(events);
	resume();
	expect_service();
}

static void a_second_pause_is_answered_too(void **state)
{
	pair_order(&pair, PAIR_PAUSE);
	assert_true(pair_event(&pair, "b paused"));
	pair_order(&pair, PAIR_PAUSE);
	assert_true(pair_event(&pair, "b paused"));
	resume();
	expect_service();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_requests_it_is_paused_at_once),
		cmocka_unit_test(what_is_under_way_ends_first),
		cmocka_unit_test(what_has_no_end_of_its_own_is_ended),
		cmocka_unit_test(a_second_pause_is_answered_too),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, pair_fixture_start, pair_fixture_stop);
}
