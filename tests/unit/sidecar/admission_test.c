// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sidecar/admission.h"

#define OWN "127.83.1.2:50958"
#define FRIEND "http://localhost:6274"
#define FOREIGN "https://evil.example"

static const char *const origins[] = {FRIEND, "https://tool.example/", "null", ""};
static const struct admission_rules rules = {"127.83.1.2", 50958, origins, array_len(origins)};
static const struct admission_rules port_80 = {"127.83.1.2", 80, NULL, 0};
static const struct admission_rules v6 = {"::1", 8080, NULL, 0};

struct line {
	const char *name;
	const char *value;
};

static void fill(struct admission_request *request, const char *method, const struct line *lines,
		 size_t count)
{
	admission_request_init(request, method, strlen(method));
	for (size_t i = 0; i < count && lines[i].name; i++)
		admission_request_header(request, lines[i].name, strlen(lines[i].name),
					 lines[i].value, strlen(lines[i].value));
}

struct expectation {
	enum admission_verdict verdict;
	const char *method;
	struct line lines[6];
};

static void check(const struct admission_rules *by, const struct expectation *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct admission_request request;
		struct admission_decision decision;
		fill(&request, cases[i].method, cases[i].lines, array_len(cases[i].lines));
		admission_decide(by, &request, &decision);
		if (decision.verdict != cases[i].verdict)
			fail_msg("case %zu (%s: %s): verdict %d, %s", i, cases[i].lines[0].value,
				 cases[i].lines[1].value, decision.verdict,
				 decision.reason ? decision.reason : "no reason");
		assert_int_equal(decision.reason != NULL, decision.verdict == ADMISSION_REFUSE);
	}
}

static void host_is_exactly_the_apps_own(void **state)
{
	(void)state;
	static const struct expectation cases[] = {
		{ADMISSION_PASS, "GET", {{"Host", OWN}}},
		{ADMISSION_PASS, "GET", {{"hOsT", OWN}}},
		{ADMISSION_REFUSE, "GET", {{"Accept", "*/*"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", ""}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "127.83.1.2"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "127.83.1.2:"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "127.83.1.2:80"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "127.83.1.2:050958"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "127.83.1.2.:50958"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "127.83.1.2:50958."}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "user@127.83.1.2:50958"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "127.83.1.3:50958"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "2136146178:50958"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "0x7f.83.1.2:50958"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "[::ffff:127.83.1.2]:50958"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "localhost:50958"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "evil.example"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", OWN}, {"Host", OWN}}},
		{ADMISSION_REFUSE, "GET", {{"Host", OWN}, {"host", "evil.example"}}},
	};
	check(&rules, cases, array_len(cases));
}

static void port_80_may_be_left_out(void **state)
{
	(void)state;
	static const struct expectation cases[] = {
		{ADMISSION_PASS, "GET", {{"Host", "127.83.1.2"}}},
		{ADMISSION_PASS, "GET", {{"Host", "127.83.1.2:80"}}},
		{ADMISSION_PASS, "GET", {{"Host", "127.83.1.2"}, {"Origin", "http://127.83.1.2"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "127.83.1.2:"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "127.83.1.2:443"}}},
	};
	check(&port_80, cases, array_len(cases));
}

static void ipv6_has_brackets(void **state)
{
	(void)state;
	static const struct expectation cases[] = {
		{ADMISSION_PASS, "GET", {{"Host", "[::1]:8080"}, {"Origin", "http://[::1]:8080"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "::1:8080"}}},
		{ADMISSION_REFUSE, "GET", {{"Host", "[::1]"}}},
	};
	check(&v6, cases, array_len(cases));
}

static void foreign_origins_stay_out(void **state)
{
	(void)state;
	static const struct expectation cases[] = {
		{ADMISSION_PASS, "POST", {{"Host", OWN}, {"Origin", "http://" OWN}}},
		{ADMISSION_PASS, "POST", {{"Host", OWN}, {"Origin", FRIEND}}},
		{ADMISSION_PASS, "POST", {{"Host", OWN}, {"Origin", "https://tool.example"}}},
		{ADMISSION_REFUSE, "POST", {{"Host", OWN}, {"Origin", FOREIGN}}},
		{ADMISSION_REFUSE, "POST", {{"Host", OWN}, {"Origin", "null"}}},
		{ADMISSION_REFUSE, "POST", {{"Host", OWN}, {"Origin", ""}}},
		{ADMISSION_REFUSE, "POST", {{"Host", OWN}, {"Origin", "https://" OWN}}},
		{ADMISSION_REFUSE, "POST", {{"Host", OWN}, {"Origin", "http://" OWN "/"}}},
		{ADMISSION_REFUSE, "POST", {{"Host", OWN}, {"Origin", "http://127.83.1.2"}}},
		{ADMISSION_REFUSE, "POST", {{"Host", OWN}, {"Origin", FRIEND ".evil.example"}}},
		{ADMISSION_REFUSE,
		 "POST",
		 {{"Host", OWN}, {"Origin", "http://" OWN}, {"Origin", FOREIGN}}},
		{ADMISSION_REFUSE, "GET", {{"Host", OWN}, {"Origin", FOREIGN}, {"Upgrade", "w"}}},
		{ADMISSION_REFUSE,
		 "GET",
		 {{"Host", OWN},
		  {"Origin", FOREIGN},
		  {"Sec-Fetch-Mode", "navigate"},
		  {"Sec-Fetch-Dest", "document"},
		  {"Sec-Fetch-Site", "cross-site"}}},
	};
	check(&rules, cases, array_len(cases));
}

#define SITE(site, mode, dest)                                                                     \
	{                                                                                          \
		{"Host", OWN}, {"Sec-Fetch-Site", site}, {"Sec-Fetch-Mode", mode},                 \
		{                                                                                  \
			"Sec-Fetch-Dest", dest                                                     \
		}                                                                                  \
	}

static void other_sites_may_only_link(void **state)
{
	(void)state;
	static const struct expectation cases[] = {
		{ADMISSION_PASS, "GET", SITE("same-origin", "cors", "empty")},
		{ADMISSION_PASS, "GET", SITE("none", "navigate", "document")},
		{ADMISSION_PASS, "GET", SITE("cross-site", "navigate", "document")},
		{ADMISSION_PASS, "HEAD", SITE("same-site", "navigate", "document")},
		{ADMISSION_REFUSE, "POST", SITE("cross-site", "navigate", "document")},
		{ADMISSION_REFUSE, "GET", SITE("cross-site", "navigate", "iframe")},
		{ADMISSION_REFUSE, "GET", SITE("cross-site", "no-cors", "image")},
		{ADMISSION_REFUSE, "GET", SITE("same-site", "no-cors", "script")},
		{ADMISSION_REFUSE, "GET", SITE("cross-site", "websocket", "websocket")},
		{ADMISSION_REFUSE, "GET", SITE("same-site", "cors", "empty")},
		{ADMISSION_REFUSE, "GET", SITE("unheard-of", "navigate", "document")},
		{ADMISSION_REFUSE, "GET", SITE("", "navigate", "document")},
		{ADMISSION_REFUSE, "GET", {{"Host", OWN}, {"Sec-Fetch-Site", "cross-site"}}},
		{ADMISSION_REFUSE,
		 "GET",
		 {{"Host", OWN}, {"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Site", "cross-site"}}},
		{ADMISSION_PASS,
		 "GET",
		 {{"Host", OWN}, {"Origin", FRIEND}, {"Sec-Fetch-Site", "cross-site"}}},
	};
	check(&rules, cases, array_len(cases));
}

static void preflights(void **state)
{
	(void)state;
	static const struct expectation cases[] = {
		{ADMISSION_PREFLIGHT,
		 "OPTIONS",
		 {{"Host", OWN}, {"Origin", FRIEND}, {"Access-Control-Request-Method", "POST"}}},
		{ADMISSION_PASS, "OPTIONS", {{"Host", OWN}, {"Origin", FRIEND}}},
		{ADMISSION_PASS,
		 "POST",
		 {{"Host", OWN}, {"Origin", FRIEND}, {"Access-Control-Request-Method", "POST"}}},
		{ADMISSION_REFUSE,
		 "OPTIONS",
		 {{"Host", OWN}, {"Origin", FOREIGN}, {"Access-Control-Request-Method", "POST"}}},
	};
	check(&rules, cases, array_len(cases));
}

static void cors_headers_name_the_origin(void **state)
{
	(void)state;
	static const struct line lines[] = {{"Host", OWN},
					    {"Origin", FRIEND},
					    {"Access-Control-Request-Method", "PUT"},
					    {"Access-Control-Request-Headers", "x-a,x-b"},
					    {"Access-Control-Request-Private-Network", "true"}};
	struct admission_request request;
	auto_buf struct buf out;
	buf_init(&out, 4 * KIB);
	fill(&request, "OPTIONS", lines, array_len(lines));
	assert_true(admission_preflight_headers(&request, &out) && buf_append(&out, "", 1));
	const char *text = (char *)buf_bytes(&out);
	assert_non_null(strstr(text, "access-control-allow-origin: " FRIEND "\r\n"));
	assert_non_null(strstr(text, "access-control-allow-methods: PUT\r\n"));
	assert_non_null(strstr(text, "access-control-allow-headers: x-a,x-b\r\n"));
	assert_non_null(strstr(text, "access-control-allow-private-network: true\r\n"));
	assert_null(strstr(text, "credentials"));
	buf_clear(&out);
	assert_true(admission_cors_headers(&request, false, true, &out) && buf_append(&out, "", 1));
	text = (char *)buf_bytes(&out);
	assert_string_equal(text, "vary: origin\r\naccess-control-allow-origin: " FRIEND "\r\n");
}

static void only_allowed_users(void **state)
{
	(void)state;
	const uint32_t uids[] = {0, 1000};
	assert_true(admission_uid(uids, 2, 1000));
	assert_true(admission_uid(uids, 2, 0));
	assert_false(admission_uid(uids, 2, 1001));
	assert_false(admission_uid(NULL, 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_is_exactly_the_apps_own),
		cmocka_unit_test(port_80_may_be_left_out),
		cmocka_unit_test(ipv6_has_brackets),
		cmocka_unit_test(foreign_origins_stay_out),
		cmocka_unit_test(other_sites_may_only_link),
		cmocka_unit_test(preflights),
		cmocka_unit_test(cors_headers_name_the_origin),
		cmocka_unit_test(only_allowed_users),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
