// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "controller/app/upstream.h"

static void urls_of_proxies(void **unused)
{
	static const struct {
		const char *url, *host;
		uint16_t port;
		const char *authorization;
	} cases[] = {
		{"http://proxy.example:3128", "proxy.example", 3128, NULL},
		{"HTTP://proxy.example", "proxy.example", 80, NULL},
		{"http://proxy.example:3128/", "proxy.example", 3128, NULL},
		{"proxy.example:3128", "proxy.example", 3128, NULL},
		{"10.0.0.1:3128", "10.0.0.1", 3128, NULL},
		{"http://[fd00::1]:3128", "[fd00::1]", 3128, NULL},
		{"http://[fd00::1]", "[fd00::1]", 80, NULL},
		{"http://user:secret@proxy.example:3128", "proxy.example", 3128,
		 "Basic dXNlcjpzZWNyZXQ="},
		{"http://user:p%40ss%3a@proxy.example:3128", "proxy.example", 3128,
		 "Basic dXNlcjpwQHNzOg=="},
		{"http://user@proxy.example:3128", "proxy.example", 3128, "Basic dXNlcjo="},
	};
	for (size_t i = 0; i < array_len(cases); i++) {
		const struct upstream_variables variables = {.https = cases[i].url};
		struct upstreams upstreams;
		struct err err;
		if (!upstreams_parse(&variables, &upstreams, &err))
			fail_msg("%s: %s", cases[i].url, err.text);
		assert_null(upstreams.http.host);
		assert_string_equal(upstreams.https.host, cases[i].host);
		assert_int_equal(upstreams.https.port, cases[i].port);
		if (cases[i].authorization)
			assert_string_equal(upstreams.https.authorization, cases[i].authorization);
		else
			assert_null(upstreams.https.authorization);
		upstreams_free(&upstreams);
	}
}

static void a_bad_url_is_an_error_that_does_not_show_it(void **unused)
{
	static const char *const urls[] = {
		"https://user:hidden@proxy.example:3128",
		"socks5://user:hidden@proxy.example:1080",
		"http://user:hidden@proxy.example:0",
		"http://user:hidden@proxy.example:99999",
		"http://user:hidden@proxy example",
		"http://user:hidden@",
		"http://user:hidden@[fd00::1",
		"http://user:hidden@proxy.example:3128x",
		"http://hidden\r\nx:y@proxy.example\r\nz: 1",
	};
	for (size_t i = 0; i < array_len(urls); i++) {
		const struct upstream_variables variables = {.http = urls[i]};
		struct upstreams upstreams;
		struct err err;
		if (upstreams_parse(&variables, &upstreams, &err))
			fail_msg("%s", urls[i]);
		assert_null(strstr(err.text, "hidden"));
		assert_non_null(strstr(err.text, "HTTP_PROXY"));
		upstreams_free(&upstreams);
	}
}

static void one_for_all_and_exceptions(void **unused)
{
	const struct upstream_variables variables = {.https = "",
						     .all = "http://all.example:1",
						     .no = "localhost, .corp.example,,10.0.0.0/8"};
	struct upstreams upstreams;
	struct err err;
	assert_true(upstreams_parse(&variables, &upstreams, &err));
	assert_string_equal(upstreams.http.host, "all.example");
	assert_string_equal(upstreams.https.host, "all.example");
	assert_int_equal(upstreams.n_direct, 3);
	assert_string_equal(upstreams.direct[1], ".corp.example");
	upstreams_free(&upstreams);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_of_proxies),
		cmocka_unit_test(a_bad_url_is_an_error_that_does_not_show_it),
		cmocka_unit_test(one_for_all_and_exceptions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
