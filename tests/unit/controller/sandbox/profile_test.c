// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "controller/sandbox/filter_rules.h"
#include "controller/sandbox/policy.h"
#include "controller/sandbox/profile.h"

static struct policy *policy_of(const char *profile)
{
	struct policy *policy = policy_new();
	struct err err = {0};

	policy_set(&policy->profile, profile);
	assert_true(policy_add_standard_root(policy, &err));
	policy_add_arg(policy, "true");
	assert_true(policy_check(policy, &err));
	return policy;
}

static const struct policy_mount *find(const struct policy *policy, const char *target)
{
	for (size_t i = 0; i < policy->n_mounts; i++)
		if (str_eq(policy->mounts[i].target, target))
			return &policy->mounts[i];
	return NULL;
}

static void standard_is_the_default_and_minimal_alone_is_weaker(void **state)
{
	auto_policy struct policy *policy = policy_new();

	assert_string_equal(policy->profile, "standard");
	assert_false(profile_is_weaker("standard"));
	assert_false(profile_is_weaker("strict"));
	assert_true(profile_is_weaker("minimal"));
	assert_true(profile_is_weaker("whatever"));
	assert_null(profile_find("whatever"));
}

static void there_is_no_root_of_an_unknown_profile(void **state)
{
	auto_policy struct policy *policy = policy_new();
	struct err err = {0};

	policy_set(&policy->profile, "whatever");
	assert_false(policy_add_standard_root(policy, &err));
	assert_string_equal(err.text, "there is no profile \"whatever\"");
}

/* Nothing writable but /tmp: no other file system in memory. */
static void strict_has_less(void **state)
{
	auto_policy struct policy *policy = policy_of("strict");

	assert_true(find(policy, "/proc")->processes_only);
	for (size_t i = 0; i < policy->n_mounts; i++)
		if (policy->mounts[i].kind == POLICY_MOUNT_TMPFS)
			assert_string_equal(policy->mounts[i].target, "/tmp");
	assert_int_equal(find(policy, "/tmp/home")->mode, 0700);
	assert_non_null(strstr(find(policy, "/etc/passwd")->content, ":/tmp/home:"));
}

static void minimal_has_the_root_of_standard(void **state)
{
	auto_policy struct policy *standard = policy_of("standard");
	auto_policy struct policy *minimal = policy_of("minimal");

	policy_set(&minimal->profile, "standard");
	auto_free char *one = policy_to_json(standard, false);
	auto_free char *other = policy_to_json(minimal, false);
	assert_string_equal(one, other);
}

static bool allows(const char *profile, const char *name)
{
	const struct filter_profile *filter = filter_profile_find(profile);

	for (size_t i = 0; filter->lists[i]; i++)
		for (const struct filter_group *group = filter->lists[i]; group->names; group++)
			for (const char *const *one = group->names; *one; one++)
				if (str_eq(*one, name))
					return group->error == 0;
	return filter->others == 0;
}

static void each_has_a_filter_and_strict_allows_no_more_than_standard(void **state)
{
	const struct filter_group *const *list = filter_profile_find("strict")->lists;

	assert_int_equal(filter_n_profiles, n_profiles);
	for (size_t i = 0; i < n_profiles; i++)
		assert_non_null(filter_profile_find(profiles[i].name));
	for (; *list; list++)
		for (const struct filter_group *group = *list; group->names; group++)
			for (const char *const *name = group->names; *name; name++)
				if (allows("strict", *name))
					assert_true(allows("standard", *name));
	assert_true(allows("standard", "shmget"));
	assert_false(allows("strict", "shmget"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standard_is_the_default_and_minimal_alone_is_weaker),
		cmocka_unit_test(there_is_no_root_of_an_unknown_profile),
		cmocka_unit_test(strict_has_less),
		cmocka_unit_test(minimal_has_the_root_of_standard),
		cmocka_unit_test(each_has_a_filter_and_strict_allows_no_more_than_standard),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
