// SPDX-License-Identifier: GPL-3.0-or-later
/* The policy as a value: adders copy, replace and count as the header says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "controller/sandbox/policy.h"

static void starts_with_the_strictest_defaults(void **state)
{
	auto_policy struct policy *policy = policy_new();

	assert_int_equal(policy->network, POLICY_NET_NONE);
	assert_string_equal(policy->profile, "standard");
	assert_int_equal(policy->uid, 1000);
	assert_int_equal(policy->host_uid, 0);
	assert_int_equal(policy->handoff_fd, -1);
	assert_int_equal(policy->n_mounts + policy->n_env + policy->n_argv + policy->n_limits, 0);
}

static void copies_its_texts(void **state)
{
	auto_policy struct policy *policy = policy_new();
	char target[] = "/kit";
	const char *lowers[] = {target};

	policy_add_overlay(policy, target, lowers, 1, "/s/upper", "/s/work", 0, "why");
	target[1] = 'x';
	assert_string_equal(policy->mounts[0].target, "/kit");
	assert_string_equal(policy->mounts[0].lowers[0], "/kit");
}

static void flags_are_off_unless_given(void **state)
{
	auto_policy struct policy *policy = policy_new();

	policy_add_bind(policy, "/a", "/a", 0, "plain");
	policy_add_bind(policy, "/b", "/b", POLICY_WRITABLE | POLICY_EXECUTABLE | POLICY_IDMAP,
			"all");
	assert_false(policy->mounts[0].writable || policy->mounts[0].executable ||
		     policy->mounts[0].idmap_owner);
	assert_true(policy->mounts[1].writable && policy->mounts[1].executable &&
		    policy->mounts[1].idmap_owner);
}

static void a_variable_is_there_once(void **state)
{
	auto_policy struct policy *policy = policy_new();

	policy_set_env(policy, "PATH", "/bin", "first");
	policy_set_env(policy, "PATH", "/opt/bun/bin:/bin", "second");
	assert_int_equal(policy->n_env, 1);
	assert_string_equal(policy->env[0].value, "/opt/bun/bin:/bin");
	assert_string_equal(policy->env[0].reason, "second");
}

static void the_command_can_be_replaced(void **state)
{
	auto_policy struct policy *policy = policy_new();

	policy_add_arg(policy, "bun");
	policy_clear_args(policy);
	policy_add_arg(policy, "sh");
	assert_int_equal(policy->n_argv, 1);
	assert_string_equal(policy->argv[0], "sh");
}

static void freeing_takes_the_handle_away(void **state)
{
	struct policy *policy = policy_new();

	policy_free(&policy);
	assert_null(policy);
	policy_free(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_with_the_strictest_defaults),
		cmocka_unit_test(copies_its_texts),
		cmocka_unit_test(flags_are_off_unless_given),
		cmocka_unit_test(a_variable_is_there_once),
		cmocka_unit_test(the_command_can_be_replaced),
		cmocka_unit_test(freeing_takes_the_handle_away),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
