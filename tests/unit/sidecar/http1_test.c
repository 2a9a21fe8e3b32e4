// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sidecar/http1.h"

#define HOST "Host: a\r\n"

struct parsed {
	enum http1_result result;
	struct http1_error error;
	size_t used;
	char *data;
	struct http_head head;
};

/* In memory of exactly its length, so that reading past it shows under a sanitizer. */
static void parse(struct parsed *out, const char *text, size_t len)
{
	size_t scanned = 0;

	memset(out, 0, sizeof(*out));
	out->data = xmalloc(len ? len : 1);
	memcpy(out->data, text, len);
	out->result =
		http1_parse_request(out->data, len, &scanned, &out->head, &out->used, &out->error);
}

static void parse_response(struct parsed *out, const char *text, bool to_head)
{
	size_t scanned = 0;
	size_t len = strlen(text);

	memset(out, 0, sizeof(*out));
	out->data = xmalloc(len);
	memcpy(out->data, text, len);
	out->result = http1_parse_response(out->data, len, &scanned, to_head, &out->head,
					   &out->used, &out->error);
}

static void requests_that_are_refused(void **state)
{
	static const struct {
		unsigned status;
		const char *text;
	} cases[] = {
		/* lines */
		{400, "GET / HTTP/1.1\nHost: a\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\nHost: a\n\r\n"},
		{400, "\r\nGET / HTTP/1.1\r\n" HOST "\r\n"},
		{400, "\nGET / HTTP/1.1\r\n" HOST "\r\n"},
		{400, "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "X: a\r\n folded\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "X: a\r\n\tfolded\r\n\r\n"},
		/* first line */
		{400, "GET /\r\n" HOST "\r\n"},
		{400, "GET  / HTTP/1.1\r\n" HOST "\r\n"},
		{400, "GET /  HTTP/1.1\r\n" HOST "\r\n"},
		{400, "GET / HTTP/1.1 \r\n" HOST "\r\n"},
		{400, " GET / HTTP/1.1\r\n" HOST "\r\n"},
		{400, "GET\t/ HTTP/1.1\r\n" HOST "\r\n"},
		{400, "G@T / HTTP/1.1\r\n" HOST "\r\n"},
		{400, "GET /a b HTTP/1.1\r\n" HOST "\r\n"},
		{400, "GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n"},
		{400, "GET a HTTP/1.1\r\n" HOST "\r\n"},
		{400, "GET * HTTP/1.1\r\n" HOST "\r\n"},
		{400, "CONNECT /a HTTP/1.1\r\n" HOST "\r\n"},
		{400, "GET / http/1.1\r\n" HOST "\r\n"},
		{400, "GET / HTTP/11\r\n" HOST "\r\n"},
		{505, "GET / HTTP/2.0\r\n" HOST "\r\n"},
		{505, "GET / HTTP/1.2\r\n" HOST "\r\n"},
		{505, "PRI * HTTP/2.0\r\n\r\n"},
		/* Host */
		{400, "GET / HTTP/1.1\r\n\r\n"},
		{400, "GET / HTTP/1.0\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST HOST "\r\n"},
		{400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"},
		/* fields */
		{400, "GET / HTTP/1.1\r\n" HOST "X : a\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST ": a\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "X\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "X(: a\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "\xc3\xa4: a\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "X: a\x01\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n" HOST "X: a\x7f\r\n\r\n"},
		/* framing */
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length: -5\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5 5\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length: \r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551616\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 9223372036854775808\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST
		      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST
		      "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"},
		{400, "POST / HTTP/1.1\r\n" HOST
		      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
		{400, "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"},
		{501, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n"},
		{501, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked, chunked\r\n\r\n"},
		{501, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n"},
		{501, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n"},
		{501, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n\r\n"},
		{501, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: \x0b"
		      "chunked\r\n\r\n"},
		{417, "POST / HTTP/1.1\r\n" HOST "Expect: tea\r\nContent-Length: 1\r\n\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		struct parsed got;

		parse(&got, cases[i].text, strlen(cases[i].text));
		/* a control character is found before the coding is looked at */
		if (got.result != HTTP1_BAD ||
		    (got.error.status != cases[i].status && !strchr(cases[i].text, '\x0b')))
			fail_msg("%s: result %d, status %u", cases[i].text, got.result,
				 got.error.status);
		free(got.data);
	}
}

static void a_nul_is_refused_anywhere(void **state)
{
	static const char text[] =
		"POST /p HTTP/1.1\r\nHost: a\r\nX: y\r\nContent-Length: 3\r\n\r\n";

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 5; i++) {
		char copy[sizeof(text)];
		struct parsed got;

		memcpy(copy, text, sizeof(text));
		copy[i] = '\0';
		parse(&got, copy, sizeof(text) - 1);
		if (got.result != HTTP1_BAD)
			fail_msg("a NUL at %zu passed", i);
		free(got.data);
	}
}

/* Each byte, at each place of a value that is checked eight bytes at a time and then one by one. */
static void what_a_value_may_hold(void **state)
{
	static const char before[] = "GET / HTTP/1.1\r\n" HOST "X: ";
	char text[sizeof(before) + 32];

	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		bool fine = c == '\t' || (c >= 0x20 && c != 0x7f);

		for (size_t at = 1; at < 18; at++) {
			int len = snprintf(text, sizeof(text), "%sabcd\tfghijklmnopqrs\r\n\r\n",
					   before);
			struct parsed got;

			text[sizeof(before) - 1 + at] = (char)c;
			parse(&got, text, (size_t)len);
			if ((got.result == HTTP1_OK) != fine)
				fail_msg("byte %u at %zu: result %d", c, at, got.result);
			free(got.data);
		}
	}
}

/* A `constant` name may be used when the bytes that were parsed are gone. */
static void constant_names_outlive_what_was_parsed(void **state)
{
	char names[] = "user-agentuser-agenz";
	struct http_head head;

	http_head_reset(&head);
	http_head_add(&head, (struct http_text){names, 10}, HTTP_TEXT("1"));
	http_head_add(&head, (struct http_text){names + 10, 10}, HTTP_TEXT("1"));
	memset(names, 'x', sizeof(names));
	assert_true(head.fields[0].constant);
	assert_true(http_text_is(head.fields[0].name, "user-agent"));
	assert_int_equal(head.fields[0].id, HTTP_FIELD_OTHER);
	assert_false(head.fields[1].constant);
	assert_true(http_text_is(head.fields[1].name, "xxxxxxxxxx"));
}

static void fields_are_known_by_name(void **state)
{
	static const struct {
		const char *name;
		enum http_field_id id;
	} cases[] = {
		{"", HTTP_FIELD_OTHER},
		{"t", HTTP_FIELD_OTHER},
		{"te", HTTP_FIELD_HOP},
		{"tea", HTTP_FIELD_OTHER},
		{"host", HTTP_FIELD_HOST},
		{"hose", HTTP_FIELD_OTHER},
		{"cookie", HTTP_FIELD_COOKIE},
		{"upgrade", HTTP_FIELD_HOP},
		{"tracestate", HTTP_FIELD_TRACESTATE},
		{"set-cookie", HTTP_FIELD_SET_COOKIE},
		{"traceparent", HTTP_FIELD_TRACEPARENT},
		{"content-length", HTTP_FIELD_CONTENT_LENGTH},
		{"x-capakit-hops", HTTP_FIELD_HOPS},
		{"x-capakit-hop", HTTP_FIELD_CAPAKIT},
		{"x_capakit_hops", HTTP_FIELD_CAPAKIT}, // what CGI makes the same of
		{"x-capakit_caller", HTTP_FIELD_CAPAKIT},
		{"x_capakit-caller", HTTP_FIELD_CAPAKIT},
		{"x.capakit.caller", HTTP_FIELD_CAPAKIT},
		{"x_forwarded_for", HTTP_FIELD_FORWARDED},
		{"x-forwarded_host", HTTP_FIELD_FORWARDED},
		{"x_real_ip", HTTP_FIELD_FORWARDED},
		{"x_real_ipx", HTTP_FIELD_OTHER},
		{"xxcapakitxcaller", HTTP_FIELD_OTHER},
		{"x_", HTTP_FIELD_OTHER},
		{"proxy-connection", HTTP_FIELD_HOP},
		{"transfer-encoding", HTTP_FIELD_TRANSFER_ENCODING},
		{"x-forwarded-for-a-long-way", HTTP_FIELD_FORWARDED},
		{"transfer-encodings", HTTP_FIELD_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++)
		if (http_field_id(cases[i].name, strlen(cases[i].name)) != cases[i].id)
			fail_msg("%s", cases[i].name);
}

static void a_whole_request_is_read(void **state)
{
	static const char text[] = "POST /a/b?c=d HTTP/1.1\r\nHOST: x:80\r\nX-One: \t two \t\r\n"
				   "Empty:\r\nTransfer-Encoding: CHUNKED\r\n"
				   "Expect: 100-Continue\r\n\r\nrest";
	struct parsed got;

	(void)state;
	parse(&got, text, sizeof(text) - 1);
	assert_int_equal(got.result, HTTP1_OK);
	assert_int_equal(got.used, sizeof(text) - 1 - 4);
	assert_true(http_text_is(got.head.method, "POST"));
	assert_true(http_text_is(got.head.target, "/a/b?c=d"));
	assert_true(http_text_is(got.head.host, "x:80"));
	assert_int_equal(got.head.form, HTTP_TARGET_ORIGIN);
	assert_int_equal(got.head.framing, HTTP_BODY_CHUNKED);
	assert_true(got.head.keep_alive);
	assert_true(got.head.expect_continue);
	assert_true(http_text_is(http_head_find(&got.head, "x-one")->value, "two"));
	assert_true(http_text_is(http_head_find(&got.head, "empty")->value, ""));
	free(got.data);
}

static void target_forms(void **state)
{
	static const struct {
		const char *line;
		enum http_target_form form;
	} cases[] = {
		{"GET /x HTTP/1.1\r\n", HTTP_TARGET_ORIGIN},
		{"GET http://h/x HTTP/1.1\r\n", HTTP_TARGET_ABSOLUTE},
		{"CONNECT h:443 HTTP/1.1\r\n", HTTP_TARGET_AUTHORITY},
		{"OPTIONS * HTTP/1.1\r\n", HTTP_TARGET_ASTERISK},
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *text = xasprintf("%s" HOST "\r\n", cases[i].line);
		struct parsed got;

		parse(&got, text, strlen(text));
		assert_int_equal(got.result, HTTP1_OK);
		assert_int_equal(got.head.form, cases[i].form);
		free(got.data);
	}
}

/* However it is cut, a prefix asks for more and the whole is the same. */
static void heads_may_come_in_pieces(void **state)
{
	static const char text[] =
		"PUT /long HTTP/1.1\r\nHost: a\r\nOther: value\r\nContent-Length: 12\r\n\r\n";
	char data[sizeof(text)];
	struct http_head head;
	struct http1_error error;
	size_t scanned = 0, used;

	(void)state;
	memcpy(data, text, sizeof(text));
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		assert_int_equal(http1_parse_request(data, len, &scanned, &head, &used, &error),
				 HTTP1_MORE);
	assert_int_equal(
		http1_parse_request(data, sizeof(text) - 1, &scanned, &head, &used, &error),
		HTTP1_OK);
	assert_int_equal(head.content_length, 12);
	scanned = 0; // the same bytes again, as after a wait
	assert_int_equal(
		http1_parse_request(data, sizeof(text) - 1, &scanned, &head, &used, &error),
		HTTP1_OK);
	assert_int_equal(head.n_fields, 3);
}

static char *repeat(const char *before, char c, size_t n, const char *after)
{
	auto_free char *middle = xmalloc(n + 1);

	memset(middle, c, n);
	middle[n] = '\0';
	return xasprintf("%s%s%s", before, middle, after);
}

static void limits_have_their_status(void **state)
{
	auto_free char *target = repeat("GET /", 'a', HTTP_TARGET_MAX, " HTTP/1.1\r\n" HOST "\r\n");
	auto_free char *endless = repeat("GET /", 'a', HTTP_TARGET_MAX, "");
	auto_free char *fields =
		repeat("GET / HTTP/1.1\r\n" HOST "X: ", 'a', HTTP_HEADER_BYTES_MAX, "\r\n\r\n");
	auto_free char *open_end =
		repeat("GET / HTTP/1.1\r\n" HOST "X: ", 'a', HTTP_HEADER_BYTES_MAX, "");
	struct buf many;
	auto_free char *many_text = NULL;
	const struct {
		const char *text;
		unsigned status;
	} cases[] = {{target, 414}, {endless, 414}, {fields, 431}, {open_end, 431}};
	struct parsed got;

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		parse(&got, cases[i].text, strlen(cases[i].text));
		assert_int_equal(got.result, HTTP1_BAD);
		assert_int_equal(got.error.status, cases[i].status);
		free(got.data);
	}
	buf_init(&many, 1 * MIB);
	buf_append_str(&many, "GET / HTTP/1.1\r\n" HOST);
	for (int i = 0; i < HTTP_HEADERS_MAX; i++)
		buf_append_str(&many, "X: y\r\n");
	buf_append_str(&many, "\r\n");
	many_text = buf_take_str(&many);
	parse(&got, many_text, strlen(many_text));
	assert_int_equal(got.error.status, 431);
	free(got.data);
}

static void connection_names_so_many_fields(void **state)
{
	static const char names[] = "a, b, c, d, e, f, g, h, ";
	auto_free char *most = xasprintf("GET / HTTP/1.1\r\n" HOST "Connection: %s%s%s%s\r\n\r\n",
					 names, names, names, "a, b, c, d, e, f, g, h");
	auto_free char *more =
		xasprintf("GET / HTTP/1.1\r\n" HOST "Connection: %s%s%s%s\r\nConnection: i\r\n\r\n",
			  names, names, names, "a, b, c, d, e, f, g, h");
	struct parsed got;

	parse(&got, most, strlen(most));
	assert_int_equal(got.result, HTTP1_OK);
	free(got.data);
	parse(&got, more, strlen(more));
	assert_int_equal(got.result, HTTP1_BAD);
	assert_int_equal(got.error.status, 400);
	free(got.data);
}

static void connection_names_fields_of_this_hop(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\n" HOST
				   "X-Drop: 1\r\nX-Keep: 2\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
				   "X-Capakit-Caller: me\r\nConnection: x-DROP , host, "
				   "close,,x-capakit-caller\r\n\r\n";
	struct parsed got;

	(void)state;
	parse(&got, text, sizeof(text) - 1);
	assert_int_equal(got.result, HTTP1_OK);
	assert_false(got.head.keep_alive);
	assert_false(http_field_passes(http_head_find(&got.head, "x-drop")));
	assert_true(http_field_passes(http_head_find(&got.head, "x-keep")));
	assert_false(http_field_passes(http_head_find(&got.head, "keep-alive")));
	assert_false(http_field_passes(http_head_find(&got.head, "te")));
	assert_false(http_field_passes(http_head_find(&got.head, "x-capakit-caller")));
	assert_true(http_text_is(got.head.host, "a"));
	free(got.data);
}

static void responses_are_framed(void **state)
{
	static const struct {
		const char *text;
		bool to_head;
		enum http_framing framing;
		bool keep_alive;
	} cases[] = {
		{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", false, HTTP_BODY_LENGTH, true},
		{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true, HTTP_BODY_NONE, true},
		{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, HTTP_BODY_NONE, true},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, HTTP_BODY_CHUNKED,
		 true},
		{"HTTP/1.1 200\r\n\r\n", false, HTTP_BODY_UNTIL_CLOSE, true},
		{"HTTP/1.0 200 OK\r\n\r\n", false, HTTP_BODY_UNTIL_CLOSE, false},
		{"HTTP/1.1 204 No Content\r\n\r\n", false, HTTP_BODY_NONE, true},
		{"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", false, HTTP_BODY_NONE,
		 true},
		{"HTTP/1.1 100 Continue\r\n\r\n", false, HTTP_BODY_NONE, true},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n", false,
		 HTTP_BODY_LENGTH, false},
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		struct parsed got;

		parse_response(&got, cases[i].text, cases[i].to_head);
		if (got.result != HTTP1_OK || got.head.framing != cases[i].framing ||
		    got.head.keep_alive != cases[i].keep_alive)
			fail_msg("%s: result %d, framing %d", cases[i].text, got.result,
				 got.head.framing);
		free(got.data);
	}
}

static void responses_that_are_refused(void **state)
{
	static const char *const cases[] = {
		"HTTP/1.1 20 OK\r\n\r\n",
		"HTTP/1.1 2000 OK\r\n\r\n",
		"HTTP/1.1 099 OK\r\n\r\n",
		"HTTP/1.1 600 OK\r\n\r\n",
		"HTTP/1.1  200 OK\r\n\r\n",
		"HTTP/1.1 +20 OK\r\n\r\n",
		"HTTP/2.0 200 OK\r\n\r\n",
		"ICY 200 OK\r\n\r\n",
		"HTTP/1.1 200 O\x01K\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
		"HTTP/1.1 200 OK\nContent-Length: 1\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		struct parsed got;

		parse_response(&got, cases[i], false);
		if (got.result != HTTP1_BAD)
			fail_msg("%s: result %d", cases[i], got.result);
		free(got.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_that_are_refused),
		cmocka_unit_test(a_nul_is_refused_anywhere),
		cmocka_unit_test(what_a_value_may_hold),
		cmocka_unit_test(fields_are_known_by_name),
		cmocka_unit_test(constant_names_outlive_what_was_parsed),
		cmocka_unit_test(a_whole_request_is_read),
		cmocka_unit_test(target_forms),
		cmocka_unit_test(heads_may_come_in_pieces),
		cmocka_unit_test(limits_have_their_status),
		cmocka_unit_test(connection_names_fields_of_this_hop),
		cmocka_unit_test(connection_names_so_many_fields),
		cmocka_unit_test(responses_are_framed),
		cmocka_unit_test(responses_that_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
