// SPDX-License-Identifier: GPL-3.0-or-later
/* Repetitions for what happens on the link: a stream that is refused, a link that goes down. The
 * test is the callee's sidecar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "floods_peer.h"
#include "pair_client.h"

enum { PATIENCE_MS = 3000, STEP_MS = 10, QUIET_MS = 300, RETRIES = 2, EARNING = 15 };
enum error { NO_ERROR = 0, INTERNAL_ERROR = 2, REFUSED_STREAM = 7 };

#define GET "GET /w/x HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n"
#define POST "POST /w/x HTTP/1.1\r\nHost: evil\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"

static struct sidecar_pair pair;
static struct peer callee;

static int start(void **state)
{
	const struct sidecar_pair_options options = {
		.program = SIDECAR_PROGRAM, .hostile = true, .retries = RETRIES};

	return sidecar_pair_start(&pair, &options) ? 0 : -1;
}

static int stop(void **state)
{
	sidecar_pair_stop(&pair);
	return 0;
}

static int link_up(void **state)
{
	return peer_open(&callee, &pair, true) ? 0 : -1;
}

static int link_down(void **state)
{
	peer_close(&callee);
	return 0;
}

static int call(const char *request)
{
	int fd = pair_call_hostile(&pair);

	client_be_patient(fd);
	client_put(fd, request);
	return fd;
}

/* Requests that have come, of which there are to be n. */
static void await_requests(unsigned n)
{
	for (int ms = 0; ms < PATIENCE_MS && callee.counts[FRAME_HEADERS] < n; ms += STEP_MS)
		peer_read(&callee, STEP_MS);
	assert_int_equal(callee.counts[FRAME_HEADERS], n);
}

static void answer(uint32_t stream)
{
	static const char *const fields[] = {":status", "200", "x", "1", NULL};
	uint8_t block[64];

	peer_frame(&callee, FRAME_HEADERS, END_HEADERS, stream, block, peer_block(block, fields));
	peer_frame(&callee, FRAME_DATA, END_STREAM, stream, "mine", 4);
	assert_true(peer_flush(&callee));
}

static void reset(uint32_t stream, enum error error)
{
	const uint8_t code[] = {0, 0, 0, (uint8_t)error};

	peer_frame(&callee, FRAME_RST_STREAM, 0, stream, code, sizeof(code));
	assert_true(peer_flush(&callee));
}

static void expect_answer(int fd, const char *status, const char *part)
{
	auto_free char *text = client_read_all(fd);

	client_expect(text, status);
	client_expect(text, part);
	close(fd);
}

static void no_more_come_than(unsigned n)
{
	peer_read(&callee, QUIET_MS);
	assert_int_equal(callee.counts[FRAME_HEADERS], n);
}

static void a_refused_stream_is_repeated(void **state)
{
	int fd = call(GET);

	await_requests(1);
	reset(1, REFUSED_STREAM);
	await_requests(2);
	answer(3);
	expect_answer(fd, "HTTP/1.1 200 ", "mine");
}

static void as_often_as_may_be(void **state)
{
	uint32_t n = 0;
	int fd;

	for (; n < EARNING; n++) { // a fifth of the requests may be repetitions
		fd = call(GET);
		await_requests(n + 1);
		answer(1 + 2 * n);
		expect_answer(fd, "HTTP/1.1 200 ", "mine");
	}
	fd = call(GET);
	for (uint32_t i = 0; i <= RETRIES; i++, n++) {
		await_requests(n + 1);
		reset(1 + 2 * n, REFUSED_STREAM);
	}
	expect_answer(fd, "HTTP/1.1 503 ", "its sidecar refused the request");
	no_more_come_than(EARNING + RETRIES + 1);
}

static void not_one_with_a_body(void **state)
{
	int fd = call(POST);

	await_requests(1);
	reset(1, REFUSED_STREAM);
	expect_answer(fd, "HTTP/1.1 503 ", "its sidecar refused the request");
	no_more_come_than(1);
}

static void not_one_that_was_broken_off(void **state)
{
	int fd = call(GET);

	await_requests(1);
	reset(1, INTERNAL_ERROR);
	expect_answer(fd, "HTTP/1.1 502 ", "broken off");
	no_more_come_than(1);
}

static void over_a_link_that_went_down_it_goes_over_the_next(void **state)
{
	int fd = call(GET);

	await_requests(1);
	peer_close(&callee);
	assert_int_equal(link_up(state), 0);
	await_requests(1);
	answer(1);
	expect_answer(fd, "HTTP/1.1 200 ", "mine");
}

static void so_does_one_that_a_goodbye_left_out(void **state)
{
	static const uint8_t none_was_taken[8];
	int fd = call(GET);

	await_requests(1);
	peer_frame(&callee, FRAME_GOAWAY, 0, 0, none_was_taken, sizeof(none_was_taken));
	assert_true(peer_flush(&callee));
	peer_read(&callee, 50);
	peer_close(&callee);
	assert_int_equal(link_up(state), 0);
	await_requests(1);
	answer(1);
	expect_answer(fd, "HTTP/1.1 200 ", "mine");
}

static void but_not_one_with_a_body(void **state)
{
	int fd = call(POST);

	await_requests(1);
	peer_close(&callee);
	assert_int_equal(link_up(state), 0);
	expect_answer(fd, "HTTP/1.1 502 ", "the link to its sidecar went down");
	no_more_come_than(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_refused_stream_is_repeated, link_up, link_down),
		cmocka_unit_test_setup_teardown(as_often_as_may_be, link_up, link_down),
		cmocka_unit_test_setup_teardown(not_one_with_a_body, link_up, link_down),
		cmocka_unit_test_setup_teardown(not_one_that_was_broken_off, link_up, link_down),
		cmocka_unit_test_setup_teardown(over_a_link_that_went_down_it_goes_over_the_next,
						link_up, link_down),
		cmocka_unit_test_setup_teardown(so_does_one_that_a_goodbye_left_out, link_up,
						link_down),
		cmocka_unit_test_setup_teardown(but_not_one_with_a_body, link_up, link_down),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, start, stop);
}
