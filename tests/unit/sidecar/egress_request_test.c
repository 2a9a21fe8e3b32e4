// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sidecar/egress_request.h"
#include "sidecar/http1.h"

static struct http_head head;
static char bytes[2048];

static bool read_head(const char *text, struct egress_request *request, struct err *err)
{
	struct http1_error error;
	size_t scanned = 0, used;
	snprintf(bytes, sizeof(bytes), "%s", text);
	if (http1_parse_request(bytes, strlen(bytes), &scanned, &head, &used, &error) != HTTP1_OK)
		fail_msg("%s", error.reason);
	return egress_request_read(&head, request, err);
}

static void what_the_server_sees(void **state)
{
	(void)state;
	static const struct {
		const char *from;
		const char *to;
	} cases[] = {
		{"GET http://a.example/x?y HTTP/1.1\r\nHost: other.example\r\nAccept: */*\r\n\r\n",
		 "GET /x?y HTTP/1.1\r\nhost: a.example\r\naccept: */*\r\nconnection: "
		 "close\r\n\r\n"},
		{"GET HTTP://A.Example.:8080 HTTP/1.1\r\nHost: x\r\n\r\n",
		 "GET / HTTP/1.1\r\nhost: a.example:8080\r\nconnection: close\r\n\r\n"},
		{"GET http://[2001:DB8::1]?q HTTP/1.1\r\nHost: x\r\n\r\n",
		 "GET /?q HTTP/1.1\r\nhost: [2001:db8::1]\r\nconnection: close\r\n\r\n"},
		{"POST http://a.example/ HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n"
		 "Proxy-Authorization: Basic x\r\nProxy-Connection: keep-alive\r\n"
		 "Connection: x-hop\r\nX-Hop: 1\r\nTE: trailers\r\nUpgrade: h2c\r\n\r\n",
		 "POST / HTTP/1.1\r\nhost: a.example\r\ncontent-length: 3\r\nconnection: "
		 "close\r\n\r\n"},
		{"POST http://a.example/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
		 "POST / HTTP/1.1\r\nhost: a.example\r\ntransfer-encoding: chunked\r\n"
		 "connection: close\r\n\r\n"},
	};
	for (size_t i = 0; i < array_len(cases); i++) {
		struct egress_request request;
		struct err err;
		auto_buf struct buf out;
		buf_init(&out, 4 * KIB);
		assert_true(read_head(cases[i].from, &request, &err));
		assert_true(egress_request_write(&head, &request, NULL, &out));
		assert_true(buf_append(&out, "", 1));
		assert_string_equal((char *)buf_bytes(&out), cases[i].to);
	}
}

static void connect_names_host_and_port(void **state)
{
	(void)state;
	struct egress_request request;
	struct err err;
	assert_true(read_head("CONNECT a.example:443 HTTP/1.1\r\nHost: b.example\r\n\r\n", &request,
			      &err));
	assert_true(request.connect);
	assert_string_equal(request.target.name, "a.example");
	assert_int_equal(request.target.port, 443);
	assert_false(read_head("CONNECT a.example HTTP/1.1\r\nHost: x\r\n\r\n", &request, &err));
	assert_false(
		read_head("CONNECT a.example:1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n",
			  &request, &err));
}

static void other_targets_are_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET https://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET ftp://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET http:// HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET http:///x HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET http://u:p@a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET http://a.example\\@b.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET http://a.example/#f HTTP/1.1\r\nHost: a.example\r\n\r\n",
		"GET http://a.example/ HTTP/1.0\r\nHost: a.example\r\n\r\n",
	};
	for (size_t i = 0; i < array_len(texts); i++) {
		struct egress_request request;
		struct err err;
		if (read_head(texts[i], &request, &err))
			fail_msg("%s", texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_server_sees),
		cmocka_unit_test(connect_names_host_and_port),
		cmocka_unit_test(other_targets_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
