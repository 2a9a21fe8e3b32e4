// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sidecar/http1.h"
#include "sidecar/outside_rules.h"

static char *methods[] = {(char[]){"GET"}, (char[]){"POST"}};
static char *paths[] = {(char[]){"/crm/*"}, (char[]){"/me"}};
static struct outside_rules narrow = {
	.authority = (char[]){"api.example.com"},
	.methods = methods,
	.n_methods = 2,
	.paths = paths,
	.n_paths = 2,
};
static struct outside_rules wide = {.authority = (char[]){"api.example.com:8443"}};
static struct http_head head;

static void parse(const char *request)
{
	static char copy[4096];
	size_t scanned = 0, used;
	struct http1_error error;
	assert_true(strlen(request) < sizeof(copy));
	memcpy(copy, request, strlen(request) + 1);
	assert_int_equal(http1_parse_request(copy, strlen(copy), &scanned, &head, &used, &error),
			 HTTP1_OK);
}

static unsigned judged(const struct outside_rules *rules, const char *line)
{
	auto_free char *request = xasprintf("%s HTTP/1.1\r\nHost: x\r\n\r\n", line);
	unsigned status;
	parse(request);
	return outside_refusal(rules, &head, &status) ? status : 200;
}

static void methods_and_paths_are_narrowed(void **unused)
{
	static const struct {
		const char *line;
		unsigned status;
	} cases[] = {
		{"GET /crm/v3/contacts", 200},
		{"GET /crm/", 200},
		{"POST /crm/x?y=1", 200},
		{"GET /me", 200},
		{"GET /me?x", 200},
		{"DELETE /crm/v3/contacts", 403},
		{"get /crm/x", 403},
		{"GET /crm", 403},
		{"GET /crmx", 403},
		{"GET /me/x", 403},
		{"GET /", 403},
		{"GET /%63rm/x", 403},
		{"GET /crm/../admin", 400},
		{"GET /crm/%2e%2e/admin", 400},
		{"GET /crm//x", 400},
		{"GET //crm/x", 400},
		{"GET /crm/..%2fadmin", 400},
	};
	for (size_t i = 0; i < array_len(cases); i++)
		if (judged(&narrow, cases[i].line) != cases[i].status)
			fail_msg("%s", cases[i].line);
	assert_int_equal(judged(&wide, "DELETE /anything"), 200);
	assert_int_equal(judged(&wide, "GET /a/../b"), 400);
}

static const char *written(const struct outside_rules *rules, const char *name, const char *value)
{
	static char text[4096];
	auto_buf struct buf out;
	enum http_framing framing;
	buf_init(&out, sizeof(text) - 1);
	assert_true(outside_put_head(rules, &head, name, http_text_of(value), &out, &framing));
	memcpy(text, buf_bytes(&out), buf_len(&out));
	text[buf_len(&out)] = '\0';
	return text;
}

static void what_the_host_sees(void **unused)
{
	parse("POST /crm/x HTTP/1.1\r\nHost: unix\r\nAccept: a\r\nX-Capakit-Caller: me\r\n"
	      "X-Capakit-Hops: 1\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\nCookie: a=1\r\n"
	      "Authorization: Bearer of-the-workload\r\nContent-Length: 3\r\n\r\n");
	assert_string_equal(written(&narrow, "authorization", "Bearer granted"),
			    "POST /crm/x HTTP/1.1\r\nhost: api.example.com\r\naccept: a\r\n"
			    "authorization: Bearer granted\r\ncookie: a=1\r\n"
			    "content-length: 3\r\n\r\n");
	assert_string_equal(written(&wide, NULL, ""),
			    "POST /crm/x HTTP/1.1\r\nhost: api.example.com:8443\r\naccept: a\r\n"
			    "authorization: Bearer of-the-workload\r\ncookie: a=1\r\n"
			    "content-length: 3\r\n\r\n");
}

static void an_injected_cookie_is_the_only_one(void **unused)
{
	parse("GET /me HTTP/1.1\r\nHost: x\r\nCookie: mine=1\r\n\r\n");
	assert_string_equal(written(&narrow, "cookie", "granted=1"),
			    "GET /me HTTP/1.1\r\nhost: api.example.com\r\n"
			    "cookie: granted=1\r\n\r\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(methods_and_paths_are_narrowed),
		cmocka_unit_test(what_the_host_sees),
		cmocka_unit_test(an_injected_cookie_is_the_only_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
