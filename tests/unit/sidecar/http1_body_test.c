// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "sidecar/http1.h"

static void start(struct http1_body *body, enum http_framing framing, uint64_t length)
{
	static struct http_head head;

	head.framing = framing;
	head.content_length = length;
	http1_body_start(body, &head);
}

/* Feeds `step` bytes at a time; *left says how many bytes were not used. */
static enum http1_result decode(enum http_framing framing, uint64_t length, const char *text,
				size_t step, struct buf *out, size_t *left)
{
	struct http1_body body;
	struct http1_error error;
	enum http1_result result = HTTP1_MORE;
	size_t len = strlen(text), at = 0;

	start(&body, framing, length);
	while (result == HTTP1_MORE && at < len) {
		size_t part = len - at < step ? len - at : step;
		size_t used;

		result = http1_body_decode(&body, text + at, part, out, &used, &error);
		at += used;
	}
	*left = len - at;
	return result;
}

static void chunks_are_joined_however_they_are_cut(void **state)
{
	static const char text[] = "5\r\nhello\r\n0006;ext=\"v\"\r\n world\r\n1\r\n!\r\n0\r\n"
				   "Trailer: dropped\r\n\r\nnext";

	(void)state;
	for (size_t step = 1; step < sizeof(text); step++) {
		auto_buf struct buf out;
		size_t left;

		buf_init(&out, 64);
		assert_int_equal(decode(HTTP_BODY_CHUNKED, 0, text, step, &out, &left), HTTP1_OK);
		assert_int_equal(left, 4);
		assert_int_equal(buf_len(&out), 12);
		assert_memory_equal(buf_bytes(&out), "hello world!", 12);
	}
}

static void chunks_that_are_refused(void **state)
{
	static const char *const cases[] = {
		"\r\n",
		"g\r\n",
		"-1\r\n",
		"+1\r\na\r\n",
		"0x1\r\na\r\n",
		" 1\r\na\r\n",
		"1 \r\na\r\n",
		"1\na\r\n",
		"1\r\nab\r\n",
		"1\r\na\n0\r\n\r\n",
		"1\r\na0\r\n\r\n",
		"fffffffffffffffff\r\n",
		"00000000000000000001\r\na\r\n",
		"1;\x01\r\na\r\n",
		"1;a\nb\r\na\r\n",
		"0\r\nNo-Colon\r\n\r\n",
		"0\r\n folded: x\r\n\r\n",
		"0\r\n: x\r\n\r\n",
		"0\r\nA : x\r\n\r\n",
		"0\r\nA: x\ny\r\n\r\n",
		"0\r\n\rX",
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_buf struct buf out;
		size_t left;

		buf_init(&out, 64);
		if (decode(HTTP_BODY_CHUNKED, 0, cases[i], 3, &out, &left) != HTTP1_BAD)
			fail_msg("%s passed", cases[i]);
	}
}

static char *long_line(const char *before, size_t n, const char *after)
{
	auto_free char *middle = xmalloc(n + 1);

	memset(middle, 'x', n);
	middle[n] = '\0';
	return xasprintf("%s%s%s", before, middle, after);
}

static void extensions_and_trailers_are_bounded(void **state)
{
	auto_free char *extension = long_line("1;", HTTP_CHUNK_LINE_MAX, "\r\na\r\n0\r\n\r\n");
	auto_free char *trailer = long_line("0\r\nA: ", HTTP_TRAILER_BYTES_MAX, "\r\n\r\n");
	auto_buf struct buf out;
	size_t left;

	(void)state;
	buf_init(&out, 64);
	assert_int_equal(decode(HTTP_BODY_CHUNKED, 0, extension, 100, &out, &left), HTTP1_BAD);
	assert_int_equal(decode(HTTP_BODY_CHUNKED, 0, trailer, 100, &out, &left), HTTP1_BAD);
}

static void no_room_stops_and_goes_on(void **state)
{
	struct http1_body body;
	struct http1_error error;
	auto_buf struct buf out;
	size_t used;

	(void)state;
	buf_init(&out, 4);
	start(&body, HTTP_BODY_CHUNKED, 0);
	assert_int_equal(http1_body_decode(&body, "6\r\nabcdef\r\n", 11, &out, &used, &error),
			 HTTP1_MORE);
	assert_int_equal(used, 7);
	buf_clear(&out);
	assert_int_equal(http1_body_decode(&body, "ef\r\n0\r\n\r\n", 9, &out, &used, &error),
			 HTTP1_OK);
	assert_int_equal(used, 9);
	assert_memory_equal(buf_bytes(&out), "ef", 2);
}

static void a_length_is_kept_exactly(void **state)
{
	auto_buf struct buf out;
	size_t left;

	(void)state;
	buf_init(&out, 64);
	assert_int_equal(decode(HTTP_BODY_LENGTH, 5, "hello, next", 2, &out, &left), HTTP1_OK);
	assert_int_equal(left, 6);
	assert_int_equal(buf_len(&out), 5);
	buf_clear(&out);
	assert_int_equal(decode(HTTP_BODY_LENGTH, 5, "hell", 2, &out, &left), HTTP1_MORE);
	assert_int_equal(decode(HTTP_BODY_UNTIL_CLOSE, 0, "any", 2, &out, &left), HTTP1_MORE);
	assert_int_equal(left, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_are_joined_however_they_are_cut),
		cmocka_unit_test(chunks_that_are_refused),
		cmocka_unit_test(extensions_and_trailers_are_bounded),
		cmocka_unit_test(no_room_stops_and_goes_on),
		cmocka_unit_test(a_length_is_kept_exactly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
