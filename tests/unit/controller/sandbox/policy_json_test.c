// SPDX-License-Identifier: GPL-3.0-or-later
/* Policies as JSON: what is printed is what is read, and nothing else is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "controller/sandbox/policy.h"

static struct policy *full_policy(void)
{
	struct policy *policy = policy_new();
	const char *lowers[] = {"/state/prepared", "/state/kit/workloads/web"};

	policy->host_uid = 100001;
	policy->host_gid = 100001;
	policy->parent = 4711;
	policy->network = POLICY_NET_EGRESS;
	policy->egress_port = 3128;
	policy->handoff_fd = 7;
	policy_add_bind(policy, "/usr", "/usr", POLICY_EXECUTABLE, "programs");
	policy_add_tmpfs(policy, "/tmp", 1 << 20, 01777, 0, "temporary");
	policy_add_proc(policy, "/proc", true, "processes");
	policy_add_dev(policy, "/dev", "devices");
	policy_add_overlay(policy, "/kit/workloads/web", lowers, 2, "/state/top/upper",
			   "/state/top/work", POLICY_EXECUTABLE | POLICY_IDMAP, "its root");
	policy_add_file(policy, "/etc/hosts", "127.0.0.1 localhost\n", "names");
	policy_add_symlink(policy, "/bin", "usr/bin", "merged");
	policy_add_dir(policy, "/run", 0755, "view");
	policy_set_env(policy, "GREETING", "grüß \"Gott\"\n\t\\", "quoting");
	policy_add_limit(policy, POLICY_LIMIT_CORE, 0, "secrets");
	policy_add_limit(policy, POLICY_LIMIT_FSIZE, INT64_MAX, "large");
	policy_add_arg(policy, "bun");
	policy_add_arg(policy, "run");
	policy_add_arg(policy, "");
	return policy;
}

static void survives_the_round_trip(void **state)
{
	auto_policy struct policy *policy = full_policy();
	auto_free char *text = policy_to_json(policy, true);
	struct err err = {0};
	auto_policy struct policy *again = policy_from_json(text, strlen(text), &err);

	assert_string_equal(err.text, "");
	assert_non_null(again);
	auto_free char *text_again = policy_to_json(again, true);
	assert_string_equal(text, text_again);
	assert_int_equal(again->mounts[4].n_lowers, 2);
	assert_string_equal(again->mounts[4].lowers[1], "/state/kit/workloads/web");
	assert_int_equal(again->mounts[1].mode, 01777);
	assert_true(again->mounts[4].idmap_owner);
	assert_int_equal(again->handoff_fd, 7);
	assert_string_equal(again->argv[2], "");
}

/* Replaces the first `from` in a good policy by `to`; gives the error that reading it makes. */
static char *error_of(const char *from, const char *to)
{
	auto_policy struct policy *policy = full_policy();
	auto_free char *text = policy_to_json(policy, false);
	char *at = strstr(text, from);
	struct err err = {0};

	assert_non_null(at);
	auto_free char *changed =
		xasprintf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	assert_null(policy_from_json(changed, strlen(changed), &err));
	return xstrdup(err.text);
}

static void assert_error(const char *from, const char *to, const char *expected)
{
	auto_free char *text = error_of(from, to);

	if (!strstr(text, expected))
		fail_msg("%s -> %s gave \"%s\", which does not contain \"%s\"", from, to, text,
			 expected);
}

static void refuses_what_is_not_in_the_tables(void **state)
{
	assert_error("\"uid\":1000", "\"uid\":1000,\"privileged\":true", "members that no policy");
	assert_error("\"kind\":\"proc\"", "\"kind\":\"proc\",\"writable\":true", "mounts[2]");
	assert_error("\"profile\":\"standard\",", "", "\"profile\" is missing");
	assert_error("\"writable\":false,", "", "mounts[0]: member \"writable\" is missing");
	assert_error("\"uid\":1000", "\"uid\":1000,\"uid\":1001", "no JSON");
}

static void refuses_wrong_types(void **state)
{
	assert_error("\"writable\":false", "\"writable\":0", "true or false");
	assert_error("\"uid\":1000", "\"uid\":\"1000\"", "whole number");
	assert_error("\"uid\":1000", "\"uid\":-1", "whole number");
	assert_error("\"uid\":1000", "\"uid\":4294967295", "whole number");
	assert_error("\"uid\":1000", "\"uid\":1000.5", "whole number");
	assert_error("\"egress_port\":3128", "\"egress_port\":65536", "whole number");
	assert_error("\"1777\"", "\"1787\"", "octal");
	assert_error("\"1777\"", "1777", "octal");
	assert_error("\"kind\":\"proc\"", "\"kind\":\"procfs\"", "one of the names");
	assert_error("\"network\":\"egress\"", "\"network\":null", "one of the names");
	assert_error("\"command\":[\"bun\"", "\"command\":[7", "\"command\" must be");
	assert_error("\"command\":[\"bun\",\"run\",\"\"]", "\"command\":\"bun\"", "list");
	assert_error("\"hostname\":\"capakit\"", "\"hostname\":\"a\\u0000b\"", "no JSON");
}

static void passes_what_it_read_to_the_check(void **state)
{
	assert_error("\"target\":\"/usr\"", "\"target\":\"/usr/../etc\"", "absolute path");
	assert_error("\"host_uid\":100001", "\"host_uid\":0", "neither may be 0");
}

static void refuses_what_is_no_object(void **state)
{
	const char *texts[] = {"", "[]", "null", "7", "{}", "{} {}", "{\"mounts\":{}}"};

	for (size_t i = 0; i < array_len(texts); i++) {
		struct err err = {0};
		assert_null(policy_from_json(texts[i], strlen(texts[i]), &err));
		assert_string_not_equal(err.text, "");
	}
}

static void refuses_what_is_too_long(void **state)
{
	size_t len = (1 << 20) + 1;
	auto_free char *spaces = xmalloc(len);
	struct err err = {0};

	memset(spaces, ' ', len);
	assert_null(policy_from_json(spaces, len, &err));
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survives_the_round_trip),
		cmocka_unit_test(refuses_what_is_not_in_the_tables),
		cmocka_unit_test(refuses_wrong_types),
		cmocka_unit_test(passes_what_it_read_to_the_check),
		cmocka_unit_test(refuses_what_is_no_object),
		cmocka_unit_test(refuses_what_is_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
