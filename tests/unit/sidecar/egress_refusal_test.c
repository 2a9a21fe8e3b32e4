// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sidecar/egress_refusal.h"

static struct egress_rule rules[] = {
	{.name = "*.b.example"},
	{.name = "c.example", .port = 8443},
	{.name = "idle.host.test", .port = 80},
};
static struct egress_policy policy = {
	.phase = "prepare of workload editor",
	.service_domain = ".host.test",
	.rules = rules,
	.n_rules = array_len(rules),
};

static const char *refusal(const char *name, uint16_t port, const char *address_refusal)
{
	static char text[4 * KIB];
	struct egress_target target;
	struct err err;
	auto_buf struct buf out;
	buf_init(&out, sizeof(text) - 1);
	assert_true(egress_target_parse(name, strlen(name), port, &target, &err));
	assert_true(egress_refusal_text(&target, &policy, address_refusal, &out));
	memcpy(text, buf_bytes(&out), buf_len(&out));
	text[buf_len(&out)] = '\0';
	return text;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in: %s", part, text);
}

static void a_name_that_no_rule_has(void **state)
{
	(void)state;
	const char *text = refusal("a.example", 8443, NULL);
	has(text, "prepare of workload editor may not reach a.example:8443");
	has(text, "network: { allow: [\"a.example:8443\"] }");
	has(text, "no rule of the phase names it (*.b.example, c.example:8443, idle.host.test:80)");
}

static void no_rules_at_all(void **state)
{
	(void)state;
	policy.n_rules = 0;
	has(refusal("a.example", 8443, NULL), "may reach no host at all");
	policy.n_rules = array_len(rules);
}

static void another_port_than_the_rule_has(void **state)
{
	(void)state;
	has(refusal("c.example", 22, NULL), "the rule c.example allows port 8443 only");
}

static void an_address_that_nobody_can_allow(void **state)
{
	(void)state;
	const char *text = refusal("x.b.example", 443, "a private address");
	has(text, "the rule *.b.example allows the name, but it leads to a private address");
	assert_null(strstr(text, "allow: ["));
}

static void an_address_instead_of_a_name(void **state)
{
	(void)state;
	const char *text = refusal("192.0.2.1", 80, NULL);
	has(text, "by its name");
	assert_null(strstr(text, "allow: ["));
	has(refusal("[2001:db8::1]", 80, NULL), "[2001:db8::1]:80");
}

static void a_service_of_the_host_needs_the_person(void **state)
{
	(void)state;
	const char *asked = refusal("idle.host.test", 80, NULL);
	has(asked, "--allow-host-service idle=ADDRESS:80");
	assert_null(strstr(asked, "network: {")); // the manifest names it already
	const char *unknown = refusal("other.host.test", 11434, NULL);
	has(unknown, "--allow-host-service other=ADDRESS:11434");
	has(unknown, "network: { allow: [\"other.host.test:11434\"] }");
}

static void what_does_not_fit_is_said_so(void **state)
{
	(void)state;
	struct egress_target target = {.name = "a.example", .port = 1};
	auto_buf struct buf out;
	buf_init(&out, 60);
	assert_false(egress_refusal_text(&target, &policy, NULL, &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_no_rule_has),
		cmocka_unit_test(no_rules_at_all),
		cmocka_unit_test(another_port_than_the_rule_has),
		cmocka_unit_test(an_address_that_nobody_can_allow),
		cmocka_unit_test(an_address_instead_of_a_name),
		cmocka_unit_test(a_service_of_the_host_needs_the_person),
		cmocka_unit_test(what_does_not_fit_is_said_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
