// SPDX-License-Identifier: GPL-3.0-or-later
/* WebSockets of clients that speak HTTP/2 (RFC 8441), frame by frame; workloads know HTTP/1.1. */
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

enum { PATIENCE_MS = 3000, STEP_MS = 10, ENABLE_CONNECT_PROTOCOL = 8, STATUS_200 = 0x88 };

static struct peer *client(void)
{
	static struct peer peer;

	assert_true(peer_open_edge(&peer, &pair));
	return &peer;
}

static void ask(struct peer *peer, uint32_t stream, const char *protocol, const char *path,
		uint8_t flags)
{
	const char *fields[] = {":method",    "CONNECT",       ":scheme",   "http",   ":path", path,
				":authority", peer->authority, ":protocol", protocol, NULL};
	uint8_t block[256];

	if (!protocol)
		fields[8] = NULL;
	peer_frame(peer, FRAME_HEADERS, END_HEADERS | flags, stream, block,
		   peer_block(block, fields));
	assert_true(peer_flush(peer));
}

static const struct peer_seen *await(struct peer *peer, enum frame_type type, uint32_t stream,
				     uint8_t flag)
{
	for (int ms = 0; ms < PATIENCE_MS; ms += STEP_MS) {
		for (size_t i = 0; i < peer->n_seen; i++)
			if (peer->seen[i].type == type && peer->seen[i].stream == stream &&
			    (peer->seen[i].flags & flag) == flag)
				return &peer->seen[i];
		peer_read(peer, STEP_MS);
	}
	fail_msg("no frame of type %d on stream %u", (int)type, stream);
	return NULL;
}

static bool opened(struct peer *peer, uint32_t stream)
{
	return await(peer, FRAME_HEADERS, stream, 0)->head[0] == STATUS_200;
}

static void it_is_offered(void **state)
{
	struct peer *peer = client();

	assert_int_equal(peer_setting(peer, ENABLE_CONNECT_PROTOCOL), 1);
	peer_close(peer);
}

static void bytes_pass_both_ways_until_each_end(void **state)
{
	struct peer *peer = client();

	ask(peer, 1, "websocket", "/tunnel", 0);
	assert_true(opened(peer, 1));
	peer_frame(peer, FRAME_DATA, 0, 1, "hello", 5);
	peer_flush(peer);
	await(peer, FRAME_DATA, 1, 0);
	assert_string_equal(peer->last_text, "hello");
	peer_frame(peer, FRAME_DATA, END_STREAM, 1, NULL, 0);
	peer_flush(peer);
	await(peer, FRAME_DATA, 1, END_STREAM);
	assert_string_equal(peer->last_text, "last word");
	assert_true(client_file_appears("tunnel-ended"));
	peer_close(peer);
}

static void a_client_that_goes_away_ends_it(void **state)
{
	struct peer *peer = client();

	ask(peer, 1, "websocket", "/tunnel", 0);
	assert_true(opened(peer, 1));
	peer_close(peer);
	assert_true(client_file_appears("tunnel-ended"));
}

static void an_ordinary_answer_is_no_tunnel(void **state)
{
	struct peer *peer = client();

	ask(peer, 1, "websocket", "/bytes?3", 0);
	assert_false(opened(peer, 1));
	await(peer, FRAME_DATA, 1, END_STREAM);
	assert_string_equal(peer->last_text, "abc");
	ask(peer, 3, "websocket", "/redirect", 0);
	assert_false(opened(peer, 3));
	peer_close(peer);
}

static void an_answer_to_another_key_is_none(void **state)
{
	struct peer *peer = client();

	unlink("cancelled");
	ask(peer, 1, "websocket", "/tunnel-false", 0);
	assert_false(opened(peer, 1));
	await(peer, FRAME_DATA, 1, END_STREAM);
	client_expect((const char *)peer->last_text,
		      "502 Bad Gateway: workload b: its Sec-WebSocket-Accept");
	assert_true(client_file_appears("cancelled"));
	peer_close(peer);
}

static void other_connects_are_refused(void **state)
{
	struct peer *peer = client();

	ask(peer, 1, "connect-udp", "/tunnel", 0);
	await(peer, FRAME_DATA, 1, END_STREAM);
	assert_memory_equal(peer->last_text, "501 ", 4);
	ask(peer, 3, "websocket", "/tunnel", END_STREAM);
	assert_false(opened(peer, 3));
	ask(peer, 5, NULL, "/tunnel", 0); // RFC 9113, section 8.5: malformed with :path
	await(peer, FRAME_RST_STREAM, 5, 0);
	peer_close(peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_offered),
		cmocka_unit_test(bytes_pass_both_ways_until_each_end),
		cmocka_unit_test(a_client_that_goes_away_ends_it),
		cmocka_unit_test(an_ordinary_answer_is_no_tunnel),
		cmocka_unit_test(an_answer_to_another_key_is_none),
		cmocka_unit_test(other_connects_are_refused),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, pair_fixture_start, pair_fixture_stop);
}
