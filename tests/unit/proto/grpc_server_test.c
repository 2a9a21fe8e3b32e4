// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "capakit/control/v1/control.pb-c.h"
#include "grpc_peer.h"
#include "proto/grpc_client.h"

static struct grpc_peer peer;

static int start(void **state)
{
	grpc_peer_start(&peer);
	return 0;
}

static int finish(void **state)
{
	grpc_peer_finish(&peer);
	return 0;
}

/* The length of the name that comes back, or -1 with err set. */
static long call_number(int fd, const char *path, uint32_t n, unsigned timeout_ms, char *name,
			size_t room, struct err *err)
{
	Capakit__Control__V1__StopRequest request = CAPAKIT__CONTROL__V1__STOP_REQUEST__INIT;
	Capakit__Control__V1__GetStatusResponse *reply;
	long length;

	request.grace_ms = n;
	reply = (void *)grpc_client_call(fd, path, &request.base,
					 &capakit__control__v1__get_status_response__descriptor,
					 timeout_ms, err);
	if (!reply)
		return -1;
	length = (long)strlen(reply->app->name);
	(void)snprintf(name, room, "%s", reply->app->name);
	capakit__control__v1__get_status_response__free_unpacked(reply, NULL);
	return length;
}

static void assert_serves(void)
{
	auto_fd int fd = grpc_peer_connect(&peer);
	struct err err = {0};
	char name[32];

	if (call_number(fd, "/t/Echo", 42, 5000, name, sizeof(name), &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(name, "42");
}

static void assert_fails(const char *path, uint32_t n, unsigned timeout_ms, enum err_code code,
			 const char *text)
{
	auto_fd int fd = grpc_peer_connect(&peer);
	struct err err = {0};
	char name[32];

	assert_int_equal(call_number(fd, path, n, timeout_ms, name, sizeof(name), &err), -1);
	assert_int_equal(err.code, code);
	assert_non_null(strstr(err.text, text));
	assert_serves();
}

static void test_answers_at_once_and_later(void **state)
{
	auto_fd int fd = grpc_peer_connect(&peer);
	struct err err;
	char name[32];

	assert_serves();
	assert_int_equal(call_number(fd, "/t/Later", 123, 5000, name, sizeof(name), &err), 3);
	assert_string_equal(name, "123");
}

static void test_a_large_reply_passes_and_one_too_large_is_an_error(void **state)
{
	auto_fd int fd = grpc_peer_connect(&peer);
	struct err err;
	char name[32];

	assert_int_equal(call_number(fd, "/t/Big", 1000000, 5000, name, sizeof(name), &err),
			 1000000);
	assert_fails("/t/Big", 1024 * 1024, 5000, ERR_LIMIT, "too large");
}

static void test_a_status_comes_back_with_its_text(void **state)
{
	assert_fails("/t/Fail", 0, 5000, ERR_DENIED, "not you,\n100%");
	assert_fails("/t/None", 0, 5000, ERR_UNSUPPORTED, "no such method");
}

static void test_deadlines_are_kept(void **state)
{
	assert_fails("/t/Never", 0, 100, ERR_TIMEOUT, "");
	assert_string_equal(raw_call(&peer, &(struct raw_request){.path = "/t/Never",
								  .timeout = "30m",
								  .body = "\0\0\0\0\0",
								  .body_len = 5})
				    .status,
			    "4");
	assert_string_equal(raw_call(&peer, &(struct raw_request){.path = "/t/Echo",
								  .timeout = "30m",
								  .endless = true})
				    .status,
			    "4");
	assert_string_equal(raw_call(&peer, &(struct raw_request){.path = "/t/Never",
								  .timeout = "0m",
								  .body = "\0\0\0\0\0",
								  .body_len = 5})
				    .status,
			    "4");
}

static void test_a_handler_may_free_the_server(void **state)
{
	auto_fd int fd = grpc_peer_connect(&peer);
	struct err err;
	char name[32];

	assert_int_equal(call_number(fd, "/t/Free", 7, 5000, name, sizeof(name), &err), 1);
	assert_string_equal(name, "7");
	assert_true(closed_within(fd, 5000));
}

#define BODY(bytes) .body = bytes, .body_len = sizeof(bytes) - 1

static void test_what_is_not_grpc_gets_an_http_status(void **state)
{
	static const struct {
		struct raw_request request;
		const char *http;
	} CASES[] = {
		{{.path = "/t/Echo", .content_type = "text/plain"}, "415"},
		{{.path = "/t/Echo", .method = "GET"}, "405"},
		{{.path = "/t/Echo", .more_headers = 70}, "431"},
	};

	for (size_t i = 0; i < array_len(CASES); i++) {
		struct raw_answer answer = raw_call(&peer, &CASES[i].request);

		assert_string_equal(answer.http, CASES[i].http);
		assert_true(answer.closed);
	}
	assert_serves();
}

static void test_bad_messages_get_their_status(void **state)
{
	static const struct {
		struct raw_request request;
		const char *status;
	} CASES[] = {
		{{.path = "/t/Echo"}, "12"},					   // none
		{{.path = "/t/Echo", BODY("\0\0\0\0\2\x08\x05\0\0\0\0\0")}, "12"}, // two
		{{.path = "/t/Echo", BODY("\0\0\0\0\5\x08")}, "13"},		   // cut off
		{{.path = "/t/Echo", BODY("\0\0\0\0\2\x0a\x7f")}, "13"},	   // not protobuf
		{{.path = "/t/Echo", BODY("\1\0\0\0\2\x08\x05")}, "12"},	   // compressed
		{{.path = "/t/Echo", BODY("\7\0\0\0\2\x08\x05")}, "13"},
		{{.path = "/t/Echo", BODY("\0\xff\xff\xff\xff"), .endless = true}, "8"}, // 4 GiB
		{{.path = "/t/Echo", .timeout = "soon", BODY("\0\0\0\0\0")}, "3"},
		{{.path = "/t/Echo/", BODY("\0\0\0\0\0")}, "12"},
		{{.path = "/", BODY("\0\0\0\0\0")}, "12"},
		{{.path = "/t/Echo", BODY("\0\0\0\0\2\x08\x05")}, "0"},
	};

	for (size_t i = 0; i < array_len(CASES); i++) {
		struct raw_answer answer = raw_call(&peer, &CASES[i].request);

		if (strcmp(answer.status, CASES[i].status) != 0)
			fail_msg("case %zu: status '%s' (%s) instead of %s", i, answer.status,
				 answer.text, CASES[i].status);
		assert_string_equal(answer.http, "200");
		assert_string_equal(answer.accepts, "identity");
		assert_true(answer.closed);
	}
	assert_serves();
}

static void test_garbage_is_dropped(void **state)
{
	static const char *const GARBAGE[] = {
		"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"PRI * HTTP/1.0\r\n\r\n",
		"\x16\x03\x01\x02",
	};

	for (size_t i = 0; i < array_len(GARBAGE); i++) {
		auto_fd int fd = grpc_peer_connect(&peer);

		assert_true(send(fd, GARBAGE[i], strlen(GARBAGE[i]), MSG_NOSIGNAL) > 0);
		if (i < 3)
			assert_true(closed_within(fd, 5000));
	}
	assert_serves();
}

static const char PREFACE[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";

/* A block of copies of the frame, over and over, until the server ends it; answers are read. */
static bool flood(const char *frame, size_t len, size_t count)
{
	auto_fd int fd = grpc_peer_connect(&peer);
	struct err err;
	char sink[4096];

	if (!fd_write_all(fd, PREFACE, sizeof(PREFACE) - 1, &err))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!fd_write_all(fd, frame, len, &err))
			return true;
		while (recv(fd, sink, sizeof(sink), 0) > 0)
			;
	}
	return closed_within(fd, 2000);
}

static void test_floods_of_frames_are_dropped(void **state)
{
	static const char PING[] = "\0\0\x08\6\0\0\0\0\0abcdefgh";
	static const char SETTINGS[] = "\0\0\0\4\0\0\0\0\0";
	static const char PRIORITY[] = "\0\0\5\2\0\0\0\0\1\0\0\0\0\1";
	static const char UPDATE[] = "\0\0\4\x08\0\0\0\0\0\0\0\0\1";

	assert_true(flood(PING, sizeof(PING) - 1, 200000));
	assert_true(flood(SETTINGS, sizeof(SETTINGS) - 1, 200000));
	assert_true(flood(PRIORITY, sizeof(PRIORITY) - 1, 200000));
	assert_true(flood(UPDATE, sizeof(UPDATE) - 1, 200000));
	assert_serves();
}

static void test_a_client_that_never_reads_is_dropped(void **state)
{
	static const char PING[] = "\0\0\x08\6\0\0\0\0\0abcdefgh";
	auto_fd int fd = grpc_peer_connect(&peer);
	struct pollfd room = {.fd = fd, .events = POLLOUT};
	struct pollfd hang_up = {.fd = fd};

	assert_true(send(fd, PREFACE, sizeof(PREFACE) - 1, MSG_NOSIGNAL) > 0);
	while (poll(&room, 1, 1000) == 1)
		if (send(fd, PING, sizeof(PING) - 1, MSG_NOSIGNAL) < 0)
			break;
	assert_serves();
	assert_int_equal(poll(&hang_up, 1, GRPC_STALL_MS + 10000), 1);
	assert_true(hang_up.revents & POLLHUP);
	assert_serves();
}

static void test_too_many_connections_push_out_the_idle_ones(void **state)
{
	int fds[3 * GRPC_CONNECTIONS_MAX];

	for (size_t i = 0; i < array_len(fds); i++)
		fds[i] = grpc_peer_connect(&peer);
	assert_serves();
	assert_true(closed_within(fds[0], 5000));
	for (size_t i = 0; i < array_len(fds); i++)
		fd_close(&fds[i]);
	assert_serves();
}

static void test_clients_that_leave_in_the_middle_are_forgotten(void **state)
{
	for (int i = 0; i < 100; i++) {
		auto_fd int fd = grpc_peer_connect(&peer);
		struct err err;
		char name[32];

		assert_int_equal(call_number(fd, i % 2 ? "/t/Later" : "/t/Never", 1, 1, name,
					     sizeof(name), &err),
				 -1);
	}
	assert_serves();
}

#define served_test(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		served_test(test_answers_at_once_and_later),
		served_test(test_a_large_reply_passes_and_one_too_large_is_an_error),
		served_test(test_a_status_comes_back_with_its_text),
		served_test(test_deadlines_are_kept),
		served_test(test_a_handler_may_free_the_server),
		served_test(test_what_is_not_grpc_gets_an_http_status),
		served_test(test_bad_messages_get_their_status),
		served_test(test_garbage_is_dropped),
		served_test(test_floods_of_frames_are_dropped),
		served_test(test_a_client_that_never_reads_is_dropped),
		served_test(test_too_many_connections_push_out_the_idle_ones),
		served_test(test_clients_that_leave_in_the_middle_are_forgotten),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
