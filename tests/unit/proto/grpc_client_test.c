// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "capakit/control/v1/control.pb-c.h"
#include "proto/grpc_client.h"

/* A server that has said `bytes` before it was asked, and is then silent or gone. */
static void assert_call_fails(const char *bytes, size_t len, bool gone, enum err_code code)
{
	Capakit__Control__V1__StopRequest request = CAPAKIT__CONTROL__V1__STOP_REQUEST__INIT;
	struct err err = {0};
	int pair[2];

	assert_true(fd_socket_pair(SOCK_STREAM, pair, &err));
	assert_int_equal(send(pair[1], bytes, len, MSG_NOSIGNAL), len);
	if (gone)
		assert_int_equal(shutdown(pair[1], SHUT_RDWR), 0);
	assert_null(grpc_client_call(pair[0], "/x/Y", &request.base,
				     &capakit__control__v1__stop_response__descriptor, 200, &err));
	assert_int_equal(err.code, code);
	assert_true(err.text[0]);
	fd_close(&pair[0]);
	fd_close(&pair[1]);
}

#define SETTINGS "\0\0\0\4\0\0\0\0\0"
#define STATUS_200 "\0\0\1\1\4\0\0\0\1\x88"
#define STATUS_200_END "\0\0\1\1\5\0\0\0\1\x88"

static void test_a_silent_server_times_out(void **state)
{
	assert_call_fails("", 0, false, ERR_TIMEOUT);
	assert_call_fails(SETTINGS, sizeof(SETTINGS) - 1, false, ERR_TIMEOUT);
}

static void test_a_server_that_goes_is_an_error(void **state)
{
	assert_call_fails("", 0, true, ERR_CLOSED);
	assert_call_fails(SETTINGS, sizeof(SETTINGS) - 1, true, ERR_CLOSED);
}

/* Two ask an app to stop, and it ends between the two: an end in good order, but no answer. */
static void test_one_that_refuses_as_it_goes_is_gone(void **state)
{
	static const char GOAWAY[] = SETTINGS "\0\0\x8\7\0\0\0\0\0\0\0\0\0\0\0\0\0";

	assert_call_fails(GOAWAY, sizeof(GOAWAY) - 1, false, ERR_CLOSED);
}

static void test_what_is_not_grpc_is_an_error(void **state)
{
	static const char HTTP1[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
	static const char BARE[] = SETTINGS STATUS_200_END;
	static const char HUGE_PREFIX[] =
		SETTINGS STATUS_200 "\0\0\5\0\0\0\0\0\1\0\xff\xff\xff\xff";

	assert_call_fails(HTTP1, sizeof(HTTP1) - 1, false, ERR_PROTOCOL);
	assert_call_fails(BARE, sizeof(BARE) - 1, false, ERR_PROTOCOL);
	assert_call_fails(HUGE_PREFIX, sizeof(HUGE_PREFIX) - 1, false, ERR_PROTOCOL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_silent_server_times_out),
		cmocka_unit_test(test_a_server_that_goes_is_an_error),
		cmocka_unit_test(test_one_that_refuses_as_it_goes_is_gone),
		cmocka_unit_test(test_what_is_not_grpc_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
