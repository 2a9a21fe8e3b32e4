// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "base/mem.h"
#include "sidecar/egress_policy.h"

#define LABEL_63 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc"

static void targets_are_read_strictly(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *name; // NULL: refused
		uint16_t port;
	} cases[] = {
		{"example.org:443", "example.org", 443},
		{"EXAMPLE.Org.:443", "example.org", 443},
		{"example.org", "example.org", 80},
		{"a-b.c1:1", "a-b.c1", 1},
		{"xn--bcher-kva.example:65535", "xn--bcher-kva.example", 65535},
		{"localhost:80", "localhost", 80},
		{LABEL_63 ".org:1", LABEL_63 ".org", 1},
		{LABEL_63 "d.org:1", NULL, 0},
		{"1.2.3.4:80", "1.2.3.4", 80},
		{"[::1]:80", "::1", 80},
		{"[2001:DB8:0:0::1]", "2001:db8::1", 80},
		{"1.2.3.a:80", "1.2.3.a", 80},
		{"", NULL, 0},
		{":80", NULL, 0},
		{".:80", NULL, 0},
		{"example.org..:80", NULL, 0},
		{".example.org:80", NULL, 0},
		{"example..org:80", NULL, 0},
		{"-a.org:80", NULL, 0},
		{"a-.org:80", NULL, 0},
		{"a_b.org:80", NULL, 0},
		{"a b.org:80", NULL, 0},
		{"a\tb.org:80", NULL, 0},
		{"b\xc3\xbc"
		 "cher.org:80",
		 NULL, 0},
		{"user@example.org:80", NULL, 0},
		{"example.org%2e:80", NULL, 0},
		{"example.org\\x:80", NULL, 0},
		{"*.example.org:80", NULL, 0},
		{"example.org:", NULL, 0},
		{"example.org:0", NULL, 0},
		{"example.org:080", NULL, 0},
		{"example.org:+80", NULL, 0},
		{"example.org:65536", NULL, 0},
		{"example.org:80:80", NULL, 0},
		{"127.1:80", NULL, 0},
		{"2130706433:80", NULL, 0},
		{"017700000001:80", NULL, 0},
		{"0x7f000001:80", NULL, 0},
		{"0x7f.1:80", NULL, 0},
		{"0X7F.0.0.0X1:80", NULL, 0},
		{"0177.0.0.1:80", NULL, 0},
		{"127.0.0.01:80", NULL, 0},
		{"127.0.0.1.:80", NULL, 0},
		{"127.0.0.256:80", NULL, 0},
		{"1.2.3.4.5:80", NULL, 0},
		{"127.0.0.1.0x:80", NULL, 0},
		{"::1", NULL, 0},
		{"[::1", NULL, 0},
		{"[]:80", NULL, 0},
		{"[::1]x:80", NULL, 0},
		{"[fe80::1%25eth0]:80", NULL, 0},
		{"[fe80::1%eth0]:80", NULL, 0},
		{"[127.0.0.1]:80", NULL, 0},
	};
	for (size_t i = 0; i < array_len(cases); i++) {
		struct egress_target target;
		struct err err;
		bool read = egress_target_parse(cases[i].text, strlen(cases[i].text), 80, &target,
						&err);
		if (read != (cases[i].name != NULL))
			fail_msg("%s: %s", cases[i].text, read ? "accepted" : err.text);
		if (!read)
			continue;
		assert_string_equal(target.name, cases[i].name);
		assert_int_equal(target.port, cases[i].port);
	}
}

static void bytes_behind_a_nul_are_not_ignored(void **state)
{
	(void)state;
	struct egress_target target;
	struct err err;
	static const char name[] = "allowed.example\0.evil.example:443";
	static const char literal[] = "[::1\0]:443";
	assert_false(egress_target_parse(name, sizeof(name) - 1, 0, &target, &err));
	assert_false(egress_target_parse(literal, sizeof(literal) - 1, 0, &target, &err));
	assert_false(egress_target_parse("example.org", 11, 0, &target, &err)); // no port
}

#define RULE(name_, port_, exempt_)                                                                \
	{                                                                                          \
		.name = (name_), .port = (port_), .exempt = (exempt_)                              \
	}

static struct egress_rule rules[] = {
	RULE("allowed.example", 0, false),     RULE("*.Pattern.example", 8443, false),
	RULE("registry.example", 4873, true),  RULE("10.1.2.3", 80, true),
	RULE("dotted.example.", 443, false),   RULE("fd00::5", 443, true),
	RULE("registry.example", 4873, false),
};

static bool allowed(const char *text, bool *exempt)
{
	struct egress_target target;
	struct err err;
	if (!egress_target_parse(text, strlen(text), 0, &target, &err))
		fail_msg("%s: %s", text, err.text);
	const struct egress_policy policy = {.rules = rules, .n_rules = array_len(rules)};
	const struct egress_rule *rule = egress_rule_find(&policy, &target);
	*exempt = rule && rule->exempt;
	return rule != NULL;
}

static void rules_name_hosts_and_ports(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool allowed, exempt;
	} cases[] = {
		{"allowed.example:80", true, false},
		{"Allowed.Example.:443", true, false},
		{"allowed.example:8080", false, false},
		{"allowed.example.evil.example:443", false, false},
		{"notallowed.example:443", false, false},
		{"sub.allowed.example:443", false, false},
		{"a.pattern.example:8443", true, false},
		{"a.b.pattern.example:8443", true, false},
		{"pattern.example:8443", false, false},
		{"apattern.example:8443", false, false},
		{"a.pattern.example:443", false, false},
		{"a.pattern.example.evil.example:8443", false, false},
		{"registry.example:4873", true, true},
		{"registry.example:443", false, false},
		{"10.1.2.3:80", true, true},
		{"10.1.2.3:443", false, false},
		{"[::ffff:10.1.2.3]:80", false, false},
		{"dotted.example:443", true, false},
		{"[fd00::5]:443", true, true},
	};
	for (size_t i = 0; i < array_len(cases); i++) {
		bool exempt;
		if (allowed(cases[i].text, &exempt) != cases[i].allowed ||
		    exempt != cases[i].exempt)
			fail_msg("%s", cases[i].text);
	}
}

static void rules_must_make_sense(void **state)
{
	(void)state;
	static const struct egress_rule good[] = {RULE("*", 0, false),
						  RULE("*.a.example", 0, false),
						  RULE("1.2.3.4", 0, true), RULE("::1", 1, true)};
	static const struct egress_rule bad[] = {RULE("", 0, false),
						 RULE("*", 0, true),
						 RULE("*.a.example", 0, true),
						 RULE("a.*.example", 0, false),
						 RULE("a.example:1", 0, false),
						 RULE("0x7f.1", 0, true),
						 RULE("*.1.2.3.4", 0, false),
						 RULE("*a.example", 0, false),
						 RULE("http://a", 0, false)};
	static const struct egress_rule services[] = {
		{.name = "a.host.test", .exempt = true, .is_service = true}, // no port
		{.name = "a.host.test", .port = 1, .is_service = true},
		{.name = "*.host.test", .port = 1, .is_service = true},
	};
	struct err err;
	for (size_t i = 0; i < array_len(services); i++)
		assert_false(egress_rule_check(&services[i], &err));
	for (size_t i = 0; i < array_len(good); i++)
		assert_true(egress_rule_check(&good[i], &err));
	for (size_t i = 0; i < array_len(bad); i++)
		if (egress_rule_check(&bad[i], &err))
			fail_msg("%s", bad[i].name);
}

static void services_lie_below_their_domain(void **state)
{
	(void)state;
	static const struct {
		const char *text, *domain;
		bool is;
	} cases[] = {
		{"a.host.test:1", ".host.test", true},
		{"A.Host.Test.:1", ".host.test", true},
		{"a.b.host.test:1", ".host.test", true},
		{"host.test:1", ".host.test", false},
		{"ahost.test:1", ".host.test", false},
		{"a.host.test.evil:1", ".host.test", false},
		{"a.host.test:1", "", false},
	};
	for (size_t i = 0; i < array_len(cases); i++) {
		struct egress_target target;
		struct err err;
		assert_true(egress_target_parse(cases[i].text, strlen(cases[i].text), 0, &target,
						&err));
		if (egress_target_is_service(&target, cases[i].domain) != cases[i].is)
			fail_msg("%s below %s", cases[i].text, cases[i].domain);
	}
}

enum { NEVER, EXEMPT, ALWAYS };

static void addresses_are_public_or_refused(void **state)
{
	(void)state;
	static const struct {
		const char *address;
		int reachable;
	} cases[] = {
		{"93.184.216.34", ALWAYS},
		{"8.8.8.8", ALWAYS},
		{"9.255.255.255", ALWAYS},
		{"11.0.0.0", ALWAYS},
		{"172.15.255.255", ALWAYS},
		{"172.32.0.0", ALWAYS},
		{"100.63.255.255", ALWAYS},
		{"100.128.0.0", ALWAYS},
		{"223.255.255.255", ALWAYS},
		{"198.17.255.255", ALWAYS},
		{"198.20.0.0", ALWAYS},
		{"192.0.1.1", ALWAYS},
		{"10.0.0.1", EXEMPT},
		{"10.255.255.255", EXEMPT},
		{"172.16.0.1", EXEMPT},
		{"172.31.255.255", EXEMPT},
		{"192.168.1.1", EXEMPT},
		{"127.0.0.1", EXEMPT},
		{"127.255.255.254", EXEMPT},
		{"100.64.0.1", EXEMPT},
		{"192.0.2.1", EXEMPT},
		{"203.0.113.80", EXEMPT},
		{"198.18.0.1", EXEMPT},
		{"198.51.100.1", EXEMPT},
		{"0.0.0.0", NEVER},
		{"0.1.2.3", NEVER},
		{"169.254.169.254", NEVER},
		{"100.100.100.200", NEVER},
		{"168.63.129.16", NEVER},
		{"192.0.0.192", NEVER},
		{"192.88.99.1", NEVER},
		{"224.0.0.1", NEVER},
		{"239.255.255.250", NEVER},
		{"240.0.0.1", NEVER},
		{"255.255.255.255", NEVER},
		{"2606:4700::1111", ALWAYS},
		{"2a00:1450::1", ALWAYS},
		{"2001:4860:4860::8888", ALWAYS},
		{"::1", EXEMPT},
		{"fc00::1", EXEMPT},
		{"fdff::1", EXEMPT},
		{"2001:db8::1", EXEMPT},
		{"3fff::1", EXEMPT},
		{"fd00:ec2::254", NEVER},
		{"::", NEVER},
		{"::2", NEVER},
		{"::7f00:1", NEVER},
		{"fe80::1", NEVER},
		{"febf::1", NEVER},
		{"fec0::1", NEVER},
		{"ff02::1", NEVER},
		{"2001::1", NEVER},
		{"2001:2::1", NEVER},
		{"2001:10::1", NEVER},
		{"2001:1ff::1", NEVER},
		{"2001:200::1", ALWAYS},
		{"2002:7f00:1::", NEVER},
		{"100::1", NEVER},
		{"5f00::1", NEVER},
		{"64:ff9b::7f00:1", EXEMPT},
		{"64:ff9b::a9fe:a9fe", NEVER},
		{"64:ff9b::808:808", ALWAYS},
		{"64:ff9b:1::808:808", NEVER},
		{"::ffff:127.0.0.1", EXEMPT},
		{"::ffff:169.254.0.1", NEVER},
		{"::ffff:8.8.8.8", ALWAYS},
		{"::ffff:0:127.0.0.1", NEVER},
	};
	for (size_t i = 0; i < array_len(cases); i++) {
		struct in6_addr address = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
		if (inet_pton(AF_INET, cases[i].address, address.s6_addr + 12) != 1)
			assert_int_equal(inet_pton(AF_INET6, cases[i].address, &address), 1);
		bool plain = egress_address_refusal(&address, false) == NULL;
		bool exempt = egress_address_refusal(&address, true) == NULL;
		if (plain != (cases[i].reachable == ALWAYS) ||
		    exempt != (cases[i].reachable != NEVER))
			fail_msg("%s: %d %d", cases[i].address, plain, exempt);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_read_strictly),
		cmocka_unit_test(bytes_behind_a_nul_are_not_ignored),
		cmocka_unit_test(rules_name_hosts_and_ports),
		cmocka_unit_test(rules_must_make_sense),
		cmocka_unit_test(services_lie_below_their_domain),
		cmocka_unit_test(addresses_are_public_or_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
