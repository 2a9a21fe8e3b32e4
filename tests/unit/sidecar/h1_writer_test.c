// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "sidecar/h1_writer.h"

struct fixture {
	struct h1_writer writer;
	struct exchange_body body;
	int ends[2];
	struct buf got;
};

static void setup(struct fixture *f, int send_buffer)
{
	struct err err;

	h1_writer_init(&f->writer);
	f->body = (struct exchange_body){0};
	buf_init(&f->body.bytes, STREAM_BUFFER_MAX);
	buf_init(&f->got, 4 * MIB);
	assert_true(fd_socket_pair(SOCK_STREAM, f->ends, &err));
	if (send_buffer)
		setsockopt(f->ends[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer));
	buf_append_str(&f->writer.head, "HEAD|");
}

static void teardown(struct fixture *f)
{
	h1_writer_free(&f->writer);
	buf_free(&f->body.bytes);
	buf_free(&f->got);
	fd_close(&f->ends[0]);
	fd_close(&f->ends[1]);
}

static void drain(struct fixture *f)
{
	ssize_t got;

	while ((got = read(f->ends[1], buf_reserve(&f->got, 4096), 4096)) > 0)
		buf_commit(&f->got, (size_t)got);
}

static enum h1_write flush(struct fixture *f)
{
	size_t taken;
	enum h1_write result = h1_writer_flush(&f->writer, f->ends[0], &f->body, &taken);

	drain(f);
	return result;
}

static void expect(struct fixture *f, const char *text)
{
	auto_free char *got = buf_take_str(&f->got);

	assert_string_equal(got, text);
}

static void a_message_without_body_is_its_head(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, 0);
	assert_int_equal(flush(&f), H1_WRITE_IDLE); // an interim head is not the end
	h1_writer_head_done(&f.writer, HTTP_BODY_NONE);
	assert_int_equal(flush(&f), H1_WRITE_DONE);
	expect(&f, "HEAD|");
	teardown(&f);
}

static void chunks_follow_what_is_there(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, 0);
	h1_writer_head_done(&f.writer, HTTP_BODY_CHUNKED);
	assert_int_equal(flush(&f), H1_WRITE_IDLE);
	buf_append_str(&f.body.bytes, "hello");
	assert_int_equal(flush(&f), H1_WRITE_IDLE);
	expect(&f, "HEAD|5\r\nhello\r\n");
	buf_append_str(&f.body.bytes, "0123456789abcdef");
	f.body.ended = true;
	assert_int_equal(flush(&f), H1_WRITE_DONE);
	expect(&f, "10\r\n0123456789abcdef\r\n0\r\n\r\n");
	teardown(&f);
}

static void an_end_that_comes_alone_is_written(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, 0);
	h1_writer_head_done(&f.writer, HTTP_BODY_CHUNKED);
	buf_append_str(&f.body.bytes, "x");
	assert_int_equal(flush(&f), H1_WRITE_IDLE);
	f.body.ended = true;
	assert_int_equal(flush(&f), H1_WRITE_DONE);
	expect(&f, "HEAD|1\r\nx\r\n0\r\n\r\n");
	teardown(&f);
}

/* A socket that takes little at a time must not tear the framing apart. */
static void partial_writes_keep_the_framing(void **state)
{
	size_t total = 200000;
	struct fixture f;
	size_t at = 0, chunks = 0;

	(void)state;
	setup(&f, 4096);
	h1_writer_head_done(&f.writer, HTTP_BODY_CHUNKED);
	for (size_t i = 0; i < total; i++)
		buf_append(&f.body.bytes, "abcdefghijklmnopqrstuvwxyz" + i % 26, 1);
	f.body.ended = true;
	while (flush(&f) != H1_WRITE_DONE)
		;
	drain(&f);
	assert_memory_equal(buf_bytes(&f.got), "HEAD|30d40\r\nabc", 15);
	at = buf_len(&f.got);
	assert_int_equal(at, 5 + 7 + total + 7);
	assert_memory_equal(buf_bytes(&f.got) + at - 7, "\r\n0\r\n\r\n", 7);
	for (size_t i = 0; i < total; i++)
		chunks += buf_bytes(&f.got)[12 + i] != "abcdefghijklmnopqrstuvwxyz"[i % 26];
	assert_int_equal(chunks, 0);
	teardown(&f);
}

static void a_reader_that_is_gone_is_noticed(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, 0);
	h1_writer_head_done(&f.writer, HTTP_BODY_NONE);
	fd_close(&f.ends[1]);
	assert_int_equal(h1_writer_flush(&f.writer, f.ends[0], &f.body, &(size_t){0}),
			 H1_WRITE_FAILED);
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_without_body_is_its_head),
		cmocka_unit_test(chunks_follow_what_is_there),
		cmocka_unit_test(an_end_that_comes_alone_is_written),
		cmocka_unit_test(partial_writes_keep_the_framing),
		cmocka_unit_test(a_reader_that_is_gone_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
