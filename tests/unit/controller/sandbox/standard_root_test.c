// SPDX-License-Identifier: GPL-3.0-or-later
/* The root that all sandboxes share: what must be in it, and what must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "controller/sandbox/policy.h"

static const struct policy_mount *find(const struct policy *policy, const char *target)
{
	for (size_t i = 0; i < policy->n_mounts; i++)
		if (str_eq(policy->mounts[i].target, target))
			return &policy->mounts[i];
	return NULL;
}

static struct policy *standard(void)
{
	struct policy *policy = policy_new();
	struct err err = {0};

	assert_true(policy_add_standard_root(policy, &err));
	policy_add_arg(policy, "true");
	assert_true(policy_check(policy, &err));
	return policy;
}

static void nothing_of_the_host_is_writable(void **state)
{
	auto_policy struct policy *policy = standard();

	for (size_t i = 0; i < policy->n_mounts; i++)
		assert_false(policy->mounts[i].writable);
}

static void everything_has_a_reason(void **state)
{
	auto_policy struct policy *policy = standard();

	for (size_t i = 0; i < policy->n_mounts; i++)
		assert_true(policy->mounts[i].reason[0] != '\0');
	for (size_t i = 0; i < policy->n_env; i++)
		assert_true(policy->env[i].reason[0] != '\0');
}

static void what_programs_expect_is_there(void **state)
{
	const char *targets[] = {"/usr",  "/etc/passwd",   "/etc/group", "/etc/hosts",
				 "/proc", "/dev",	   "/dev/shm",	 "/tmp",
				 "/run",  "/home/workload"};
	auto_policy struct policy *policy = standard();

	for (size_t i = 0; i < array_len(targets); i++)
		assert_non_null(find(policy, targets[i]));
	assert_non_null(strstr(find(policy, "/etc/passwd")->content, "workload:x:1000:1000:"));
	assert_int_equal(find(policy, "/tmp")->mode, 01777);
}

static void of_etc_only_what_is_named(void **state)
{
	auto_policy struct policy *policy = standard();

	for (size_t i = 0; i < policy->n_mounts; i++) {
		const struct policy_mount *mount = &policy->mounts[i];
		if (mount->kind != POLICY_MOUNT_BIND || !str_starts(mount->source, "/etc"))
			continue;
		assert_true(strstr(mount->source, "/certs") || strstr(mount->source, "/pki/") ||
			    str_eq(mount->source, "/etc/ld.so.cache") ||
			    str_eq(mount->source, "/etc/alternatives"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_of_the_host_is_writable),
		cmocka_unit_test(everything_has_a_reason),
		cmocka_unit_test(what_programs_expect_is_there),
		cmocka_unit_test(of_etc_only_what_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
