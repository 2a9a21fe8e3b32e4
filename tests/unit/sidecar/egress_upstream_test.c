// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sidecar/egress_upstream.h"

static struct egress_target target_of(const char *text)
{
	struct egress_target target;
	struct err err;
	if (!egress_target_parse(text, strlen(text), 0, &target, &err))
		fail_msg("%s: %s", text, err.text);
	return target;
}

static void entries_of_no_proxy(void **unused)
{
	static const struct {
		const char *entry, *target;
		bool spared;
	} cases[] = {
		{"*", "a.example:443", true},
		{"example.org", "example.org:443", true},
		{"example.org", "a.example.org:443", true},
		{".example.org", "a.example.org:443", true},
		{".example.org", "example.org:443", true},
		{"*.example.org", "a.example.org:443", true},
		{"Example.ORG", "a.example.org:80", true},
		{"example.org", "badexample.org:443", false},
		{"example.org", "example.org.evil:443", false},
		{"example.org:8443", "example.org:8443", true},
		{"example.org:8443", "example.org:443", false},
		{"", "example.org:443", false},
		{".", "example.org:443", false},
		{"10.1.2.3", "10.1.2.3:80", true},
		{"10.1.2.3", "10.1.2.4:80", false},
		{"10.0.0.0/8", "10.200.2.3:80", true},
		{"10.0.0.0/8", "11.0.0.1:80", false},
		{"10.1.2.128/25", "10.1.2.127:80", false},
		{"10.0.0.0/33", "10.0.0.0:80", false},
		{"0.0.0.0/0", "10.0.0.0:80", true},
		{"0.0.0.0/0", "[2001:db8::1]:80", false},
		{"10.1.2.3:80", "10.1.2.3:80", true},
		{"10.1.2.3:81", "10.1.2.3:80", false},
		{"2001:db8::1", "[2001:db8::1]:80", true},
		{"[2001:db8::1]", "[2001:db8::1]:80", true},
		{"[2001:db8::1]:81", "[2001:db8::1]:80", false},
		{"2001:db8::/32", "[2001:db8::5]:80", true},
		{"[2001:db8", "[2001:db8::5]:80", false},
		{"10.0.0.0/8", "example.org:80", false}, // names are not resolved for this
		{"a.b:x", "a.b:80", false},
	};
	for (size_t i = 0; i < array_len(cases); i++) {
		struct egress_target target = target_of(cases[i].target);
		if (egress_upstream_spares(cases[i].entry, &target) != cases[i].spared)
			fail_msg("'%s' and %s", cases[i].entry, cases[i].target);
	}
}

static char *direct[] = {(char[]){"inside.example"}};
static struct egress_upstreams upstreams = {
	.https = {.host = (char[]){"proxy.example"},
		  .port = 3128,
		  .authorization = (char[]){"Basic eHk="}},
	.direct = direct,
	.n_direct = 1,
};

static void each_kind_has_its_proxy(void **unused)
{
	struct egress_target outside = target_of("outside.example:443");
	struct egress_target inside = target_of("inside.example:443");
	assert_ptr_equal(egress_upstream_for(&upstreams, true, &outside), &upstreams.https);
	assert_null(egress_upstream_for(&upstreams, false, &outside));
	assert_null(egress_upstream_for(&upstreams, true, &inside));
}

static void what_is_said_to_it(void **unused)
{
	auto_buf struct buf out;
	struct egress_target target = target_of("outside.example:443");
	buf_init(&out, 4 * KIB);
	assert_true(egress_upstream_connect(&upstreams.https, &target, &out));
	assert_true(buf_append(&out, "", 1));
	assert_string_equal((char *)buf_bytes(&out), "CONNECT outside.example:443 HTTP/1.1\r\n"
						     "host: outside.example:443\r\n"
						     "proxy-authorization: Basic eHk=\r\n\r\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_of_no_proxy),
		cmocka_unit_test(each_kind_has_its_proxy),
		cmocka_unit_test(what_is_said_to_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
