// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What is not waited for longer than a minute, with sidecars to which a minute is 700 ms (hasty.h):
 * clients of HTTP/2 that stop in the middle. The same with the product's own times, and HTTP/1.1,
 * is attack/slow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "floods_peer.h"
#include "pair_client.h"
#include "pair_fixture.h"

enum { PATIENCE_LATE_MS = 4000, STEP_MS = 10 };

static struct peer *client(void)
{
	static struct peer peer;

	assert_true(peer_open_edge(&peer, &pair));
	return &peer;
}

static void post(struct peer *peer, const char *path)
{
	const char *const fields[] = {":method", "POST",       ":scheme",	"http", ":path",
				      path,	 ":authority", peer->authority, NULL};
	uint8_t block[256];

	assert_true(
		peer_frame(peer, FRAME_HEADERS, END_HEADERS, 1, block, peer_block(block, fields)));
	assert_true(peer_flush(peer));
}

static bool has_come(const struct peer *peer, enum frame_type type)
{
	for (size_t i = 0; i < peer->n_seen; i++)
		if (peer->seen[i].type == type && peer->seen[i].stream == 1)
			return true;
	return false;
}

static bool comes(struct peer *peer, enum frame_type type)
{
	for (int ms = 0; ms < PATIENCE_LATE_MS && !peer->closed && !has_come(peer, type);
	     ms += STEP_MS)
		peer_read(peer, STEP_MS);
	return has_come(peer, type);
}

static bool is_closed(struct peer *peer)
{
	peer_read(peer, PATIENCE_LATE_MS);
	return peer->closed;
}

static void no_window(struct peer *peer)
{
	static const uint8_t setting[] = {0, 4, 0, 0, 0, 0};

	peer_frame(peer, FRAME_SETTINGS, 0, 0, setting, sizeof(setting));
}

static void a_body_that_stops_is_answered_with_408(void **state)
{
	struct peer *peer = client();

	post(peer, "/chunks?3");
	assert_true(comes(peer, FRAME_DATA)); // the text of the answer
	assert_memory_equal(peer->last_text, "408 Request Timeout", 19);
	peer_close(peer);
}

static void one_that_goes_on_is_not(void **state)
{
	struct peer *peer = client();

	post(peer, "/chunks?3");
	for (int ms = 0; ms < 2 * BODY_TIMEOUT_MS; ms += 100) {
		assert_true(peer_frame(peer, FRAME_DATA, 0, 1, "x", 1) && peer_flush(peer));
		peer_read(peer, 100);
		assert_false(has_come(peer, FRAME_HEADERS));
	}
	assert_true(peer_frame(peer, FRAME_DATA, END_STREAM, 1, "x", 1) && peer_flush(peer));
	assert_true(comes(peer, FRAME_DATA));
	assert_memory_equal(peer->last_text, "abc", 3);
	peer_close(peer);
}

static void a_stream_whose_window_stays_shut_is_reset(void **state)
{
	struct peer *peer = client();

	no_window(peer);
	peer_get(peer, 1, "/bytes?1000");
	peer_flush(peer);
	assert_true(comes(peer, FRAME_RST_STREAM));
	assert_false(peer->closed);
	assert_int_equal(peer->data, 0);
	peer_close(peer);
}

static void one_that_is_opened_now_and_then_is_not(void **state)
{
	struct peer *peer = client();

	no_window(peer);
	peer_get(peer, 1, "/bytes?8");
	for (int i = 0; i < 8; i++) {
		peer_flush(peer);
		peer_read(peer, BODY_TIMEOUT_MS / 3);
		peer_frame(peer, FRAME_WINDOW_UPDATE, 0, 1, "\0\0\0\1", 4);
	}
	peer_flush(peer);
	peer_read(peer, 100);
	assert_false(has_come(peer, FRAME_RST_STREAM));
	assert_int_equal(peer->data, 8);
	peer_close(peer);
}

static void a_head_without_an_end_ends_the_connection(void **state)
{
	struct peer *peer = client();

	peer_frame(peer, FRAME_HEADERS, 0, 1, "\0\1x\1y", 5);
	peer_flush(peer);
	for (int i = 0; i < 4 && !peer->closed; i++) { // more of it buys no time
		peer_read(peer, HEAD_TIMEOUT_MS / 3);
		peer_frame(peer, FRAME_CONTINUATION, 0, 1, "\0\1x\1y", 5);
		peer_flush(peer);
	}
	assert_true(peer->closed || is_closed(peer));
	peer_close(peer);
}

/* Bodies for which there are windows, on a connection that is not read. */
static void who_reads_nothing_is_closed(void **state)
{
	static const uint8_t wide[] = {0, 4, 0x7f, 0xff, 0xff, 0xff};
	struct peer *peer = client();

	peer_frame(peer, FRAME_SETTINGS, 0, 0, wide, sizeof(wide));
	peer_frame(peer, FRAME_WINDOW_UPDATE, 0, 0, "\x7f\xff\0\0", 4);
	peer_get(peer, 1, "/bytes?100000000");
	peer_flush(peer);
	unlink("cancelled");
	peer_get(peer, 3, "/hang");
	peer_flush(peer);
	assert_true(client_file_appears("cancelled")); // its other requests end with it
	peer_close(peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_that_stops_is_answered_with_408),
		cmocka_unit_test(one_that_goes_on_is_not),
		cmocka_unit_test(a_stream_whose_window_stays_shut_is_reset),
		cmocka_unit_test(one_that_is_opened_now_and_then_is_not),
		cmocka_unit_test(a_head_without_an_end_ends_the_connection),
		cmocka_unit_test(who_reads_nothing_is_closed),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, pair_fixture_start, pair_fixture_stop);
}
