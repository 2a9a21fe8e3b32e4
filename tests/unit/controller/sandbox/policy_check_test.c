// SPDX-License-Identifier: GPL-3.0-or-later
/* What no policy may say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/sandbox/policy.h"

static struct policy *good_policy(void)
{
	struct policy *policy = policy_new();

	policy_add_arg(policy, "true");
	return policy;
}

static void assert_refused(const struct policy *policy, const char *expected)
{
	struct err err = {0};

	if (policy_check(policy, &err))
		fail_msg("it was accepted; \"%s\" was expected", expected);
	if (!strstr(err.text, expected))
		fail_msg("\"%s\" does not contain \"%s\"", err.text, expected);
}

static void accepts_the_smallest(void **state)
{
	auto_policy struct policy *policy = good_policy();
	struct err err = {0};

	assert_true(policy_check(policy, &err));
}

static void needs_a_command(void **state)
{
	auto_policy struct policy *policy = policy_new();

	assert_refused(policy, "1 to 1024 words");
	policy_add_arg(policy, "");
	assert_refused(policy, "the command is empty");
}

static void paths_have_one_plain_form(void **state)
{
	const char *bad[] = {"", "usr", "/", "/a/", "/a//b", "//a", "/a/./b", "/..", "/a/.."};

	for (size_t i = 0; i < array_len(bad); i++) {
		auto_policy struct policy *policy = good_policy();
		policy_add_bind(policy, "/usr", bad[i], 0, "target");
		assert_refused(policy, "must be an absolute path");
		auto_policy struct policy *other = good_policy();
		policy_add_bind(other, bad[i], "/usr", 0, "source");
		assert_refused(other, "must be an absolute path");
	}
	auto_policy struct policy *odd = good_policy();
	struct err err = {0};
	policy_add_bind(odd, "/...", "/.a/..b/c.", 0, "unusual names are names");
	assert_true(policy_check(odd, &err));
}

static void never_is_user_zero(void **state)
{
	auto_policy struct policy *policy = good_policy();

	policy->uid = 0;
	assert_refused(policy, "may not be user or group 0");
	policy->uid = 1000;
	policy->host_uid = 100000;
	assert_refused(policy, "neither may be 0");
}

static void overlay_layers_fit_together(void **state)
{
	const char *lower[] = {"/s/kit"};
	const struct {
		const char *upper, *work, *expected;
	} cases[] = {
		{"/s/upper", "/t/work", "beside"},	 {"/s/upper", "/s/upper", "beside"},
		{"/s/upper", "/s/x/work", "beside"},	 {"/upper", "/work", "beside"},
		{"/s/up,per", "/s/work", "in its name"}, {"/s/upper", "/s/work:", "in its name"},
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		auto_policy struct policy *policy = good_policy();
		policy_add_overlay(policy, "/kit", lower, 1, cases[i].upper, cases[i].work, 0, "");
		assert_refused(policy, cases[i].expected);
	}
	auto_policy struct policy *empty = good_policy();
	policy_add_overlay(empty, "/kit", lower, 0, "/s/upper", "/s/work", 0, "");
	assert_refused(empty, "1 to 16 lower");
}

static void tmpfs_is_never_boundless(void **state)
{
	auto_policy struct policy *policy = good_policy();

	policy_add_tmpfs(policy, "/tmp", 0, 01777, 0, "");
	assert_refused(policy, "must not be 0");
}

static void network_members_agree(void **state)
{
	auto_policy struct policy *policy = good_policy();

	policy->network = POLICY_NET_EGRESS;
	assert_refused(policy, "needs egress_port");
	policy->egress_port = 3128;
	policy->handoff_fd = POLICY_FD;
	assert_refused(policy, "needs egress_port");
	policy->network = POLICY_NET_NONE;
	assert_refused(policy, "for network egress alone");
}

static void names_are_checked(void **state)
{
	auto_policy struct policy *policy = good_policy();

	policy_set(&policy->profile, "none");
	assert_refused(policy, "there is no profile");
	policy_set(&policy->profile, "standard");
	policy_set_env(policy, "A=B", "", "");
	assert_refused(policy, "no name of a variable");
}

static void texts_are_utf8(void **state)
{
	auto_policy struct policy *policy = good_policy();

	policy_set_env(policy, "LATIN", "gr\xfc\xdf", "");
	assert_refused(policy, "not valid UTF-8");
}

static void limits_are_given_once(void **state)
{
	auto_policy struct policy *policy = good_policy();

	policy_add_limit(policy, POLICY_LIMIT_CORE, 0, "");
	policy_add_limit(policy, POLICY_LIMIT_CORE, 1, "");
	assert_refused(policy, "given twice");
}

static void what_is_too_much_is_refused(void **state)
{
	auto_policy struct policy *mounts = good_policy();
	auto_policy struct policy *variables = good_policy();
	auto_policy struct policy *words = good_policy();
	auto_policy struct policy *text = good_policy();
	auto_policy struct policy *lowers = good_policy();
	auto_free char *long_text = xcalloc(POLICY_TEXT_MAX + 2, 1);
	const char *folders[POLICY_LOWERS_MAX + 1];

	for (int i = 0; i <= POLICY_MOUNTS_MAX; i++)
		policy_add_bind(mounts, "/usr", "/usr", 0, "");
	assert_refused(mounts, "256");
	for (int i = 0; i <= POLICY_ENV_MAX; i++) {
		auto_free char *name = xasprintf("V%d", i);

		policy_set_env(variables, name, "", "");
	}
	assert_refused(variables, "512");
	for (int i = 0; i < POLICY_ARGS_MAX; i++) // with the command itself one too many
		policy_add_arg(words, "x");
	assert_refused(words, "1 to 1024 words");
	memset(long_text, 'x', POLICY_TEXT_MAX + 1);
	policy_add_arg(text, long_text);
	assert_refused(text, "longer than 128 KiB");
	for (size_t i = 0; i < array_len(folders); i++)
		folders[i] = "/usr";
	policy_add_overlay(lowers, "/kit", folders, array_len(folders), "/upper", "/work", 0, "");
	assert_refused(lowers, "16");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_the_smallest),
		cmocka_unit_test(needs_a_command),
		cmocka_unit_test(paths_have_one_plain_form),
		cmocka_unit_test(never_is_user_zero),
		cmocka_unit_test(overlay_layers_fit_together),
		cmocka_unit_test(tmpfs_is_never_boundless),
		cmocka_unit_test(network_members_agree),
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(texts_are_utf8),
		cmocka_unit_test(limits_are_given_once),
		cmocka_unit_test(what_is_too_much_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
