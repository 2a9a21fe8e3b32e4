// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/tester/sse.h"

static char seen[256];
static size_t wanted_events;

static bool on_event(void *owner, const char *data, size_t len)
{
	size_t at = strlen(seen);
	snprintf(seen + at, sizeof(seen) - at, "%.*s|", (int)len, data);
	return --wanted_events > 0;
}

/* Fed whole, and byte by byte: the same comes of it. */
static void expect(const char *stream, const char *events, const char *last_id, uint64_t retry)
{
	for (size_t piece = 1; piece <= strlen(stream); piece += strlen(stream) - 1) {
		struct sse sse;
		sse_init(&sse);
		seen[0] = '\0';
		wanted_events = 100;
		for (size_t i = 0; i < strlen(stream); i += piece)
			assert_true(sse_feed(&sse, stream + i, piece, on_event, NULL));
		assert_string_equal(seen, events);
		assert_string_equal(sse.last_id, last_id);
		assert_int_equal(sse.retry_ms, retry);
		sse_free(&sse);
	}
}

static void events_are_taken_apart(void **unused)
{
	expect("data: one\n\ndata: two\n\n", "one|two|", "", 0);
	expect("data: one\r\n\r\ndata: two\r\rdata:three\n\n", "one|two|three|", "", 0);
	expect("\xef\xbb\xbf"
	       "data: a\ndata:\ndata:  b\n\n",
	       "a\n\n b|", "", 0);
	expect(": comment\nevent: message\nid: 7\nretry: 250\ndata: {}\n\n", "{}|", "7", 250);
	expect("id: 7\n\ndata: unfinished\n", "", "7", 0);
	expect("data\n\nretry: soon\nother: x\n\n", "|", "", 0);
}

static void whoever_has_enough_hears_no_more(void **unused)
{
	struct sse sse;
	const char stream[] = "data: a\n\ndata: b\n\n";
	sse_init(&sse);
	seen[0] = '\0';
	wanted_events = 1;
	assert_false(sse_feed(&sse, stream, sizeof(stream) - 1, on_event, NULL));
	assert_string_equal(seen, "a|");
	sse_free(&sse);
}

static void an_event_has_a_size(void **unused)
{
	struct sse sse;
	auto_free char *block = xmalloc(64 * KIB);
	bool went = true;
	memset(block, 'x', 64 * KIB);
	sse_init(&sse);
	size_t fed = 0;
	for (; went && fed <= 2 * TEST_REPLY_MAX; fed += 64 * KIB)
		went = sse_feed(&sse, block, 64 * KIB, on_event, NULL);
	assert_false(went);
	assert_true(fed <= TEST_REPLY_MAX + 128 * KIB);
	sse_free(&sse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_taken_apart),
		cmocka_unit_test(whoever_has_enough_hears_no_more),
		cmocka_unit_test(an_event_has_a_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
