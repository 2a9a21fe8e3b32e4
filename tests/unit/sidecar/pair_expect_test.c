// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Expect: 100-continue of clients that speak HTTP/2, who send nothing of the body before: whether
 * the workload says it, leaves it out, or answers at once. For HTTP/1.1 see pair_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>

#include "base/mem.h"
#include "floods_peer.h"
#include "pair_client.h"
#include "pair_fixture.h"

enum { STEP_MS = 10, HALF_A_SECOND_MS = 500, STATUS_200 = 0x88 };

static struct peer *ask(const char *path, const char *expectation)
{
	static struct peer peer;
	const char *fields[] = {":method",
				"POST",
				":scheme",
				"http",
				":path",
				path,
				":authority",
				NULL,
				"content-length",
				"5",
				expectation ? "expect" : NULL,
				expectation,
				NULL};
	uint8_t block[512];

	assert_true(peer_open_edge(&peer, &pair));
	fields[7] = peer.authority;
	peer_frame(&peer, FRAME_HEADERS, END_HEADERS, 1, block, peer_block(block, fields));
	assert_true(peer_flush(&peer));
	return &peer;
}

static void await_heads(struct peer *peer, unsigned n)
{
	for (int ms = 0; ms < PEER_PATIENCE_MS && peer->counts[FRAME_HEADERS] < n; ms += STEP_MS)
		peer_read(peer, STEP_MS);
	assert_int_equal(peer->counts[FRAME_HEADERS], n);
}

static void send_body(struct peer *peer)
{
	peer_frame(peer, FRAME_DATA, END_STREAM, 1, "hello", 5);
	peer_flush(peer);
}

static void await_end(struct peer *peer)
{
	for (int ms = 0; ms < PEER_PATIENCE_MS && !peer->ended; ms += STEP_MS)
		peer_read(peer, STEP_MS);
	assert_int_equal(peer->ended, 1);
	assert_int_equal(peer->status_byte, STATUS_200);
}

static void the_edge_says_it_when_the_workload_does_not(void **state)
{
	struct peer *peer = ask("/bytes?3", "100-continue");

	await_heads(peer, 1);
	assert_int_equal(peer->ended, 0);
	assert_int_not_equal(peer->status_byte, STATUS_200);
	send_body(peer);
	await_end(peer);
	assert_int_equal(peer->counts[FRAME_HEADERS], 2);
	assert_string_equal(peer->last_text, "abc");
	peer_close(peer);
}

static void the_workloads_own_passes_once(void **state)
{
	struct peer *peer = ask("/continue", "100-continue");

	await_heads(peer, 2); // it begins its answer at once
	peer_read(peer, HALF_A_SECOND_MS);
	assert_int_equal(peer->counts[FRAME_HEADERS], 2);
	assert_int_equal(peer->ended, 0);
	send_body(peer);
	await_end(peer);
	assert_string_equal(peer->last_text, "hello");
	peer_close(peer);
}

static void an_answer_at_once_comes_alone(void **state)
{
	struct peer *peer = ask("/early", "100-continue");

	await_end(peer);
	assert_int_equal(peer->counts[FRAME_HEADERS], 1);
	assert_string_equal(peer->last_text, "early");
	peer_close(peer);
}

static void who_expects_nothing_is_told_nothing(void **state)
{
	struct peer *peer = ask("/bytes?3", NULL);

	peer_read(peer, HALF_A_SECOND_MS);
	send_body(peer);
	await_end(peer);
	assert_int_equal(peer->counts[FRAME_HEADERS], 1);
	peer_close(peer);
}

static void an_expectation_of_something_else_is_refused(void **state)
{
	struct peer *peer = ask("/early", "200-ok");

	for (int ms = 0; ms < PEER_PATIENCE_MS && !peer->ended; ms += STEP_MS)
		peer_read(peer, STEP_MS);
	client_expect((const char *)peer->last_text, "417 Expectation Failed");
	peer_close(peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_edge_says_it_when_the_workload_does_not),
		cmocka_unit_test(the_workloads_own_passes_once),
		cmocka_unit_test(an_answer_at_once_comes_alone),
		cmocka_unit_test(who_expects_nothing_is_told_nothing),
		cmocka_unit_test(an_expectation_of_something_else_is_refused),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, pair_fixture_start, pair_fixture_stop);
}
