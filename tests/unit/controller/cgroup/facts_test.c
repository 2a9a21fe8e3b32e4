// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "controller/cgroup/facts.h"

static const char hybrid_self[] = "10:name=systemd:/\n"
				  "4:memory:/box/one\n"
				  "2:cpu,cpuacct:/\n"
				  "0::/user.slice/a b\n";

static const char hybrid_mounts[] =
	"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
	"32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 master:2 - cgroup cgroup "
	"rw,cpu,cpuacct\n"
	"35 31 0:32 /box /sys/fs/cgroup/memory ro,relatime - cgroup cgroup rw,memory\n"
	"41 31 0:38 / /sys/fs/cgroup/uni\\040fied rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n";

static const char unified_mounts[] =
	"30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

static void is_member(const char *self, const char *controller, const char *wanted)
{
	auto_free char *got = facts_membership(self, controller);
	if (wanted)
		assert_string_equal(got, wanted);
	else
		assert_null(got);
}

static void membership_is_by_controller(void **unused)
{
	is_member(hybrid_self, "memory", "/box/one");
	is_member(hybrid_self, "cpuacct", "/");
	is_member(hybrid_self, "cpu", "/");
	is_member(hybrid_self, NULL, "/user.slice/a b");
	is_member(hybrid_self, "pids", NULL);
	is_member(hybrid_self, "systemd", NULL); // a name, no controller
	is_member("0::/only:with:colons\n", NULL, "/only:with:colons");
	is_member("4:memory:/x\n", NULL, NULL);
	is_member("", "memory", NULL);
	is_member("rubbish\n4:memory\n", "memory", NULL);
}

static void is_at(const char *mounts, const char *controller, const char *cgroup,
		  const char *wanted, bool wanted_read_only)
{
	bool read_only = false;
	auto_free char *got = facts_folder(mounts, controller, cgroup, &read_only);
	if (wanted)
		assert_string_equal(got, wanted);
	else
		assert_null(got);
	assert_int_equal(read_only, wanted_read_only);
}

static void a_folder_is_where_the_mount_shows_it(void **unused)
{
	is_at(hybrid_mounts, "cpu", "/", "/sys/fs/cgroup/cpu,cpuacct", false);
	is_at(hybrid_mounts, "cpuacct", "/x/y", "/sys/fs/cgroup/cpu,cpuacct/x/y", false);
	is_at(hybrid_mounts, "memory", "/box/one", "/sys/fs/cgroup/memory/one", true);
	is_at(hybrid_mounts, "memory", "/box", "/sys/fs/cgroup/memory", true);
	is_at(hybrid_mounts, "memory", "/boxes", NULL, false); // beside what is mounted
	is_at(hybrid_mounts, "pids", "/", NULL, false);
	is_at(hybrid_mounts, NULL, "/user.slice", "/sys/fs/cgroup/uni fied/user.slice", false);
	is_at(unified_mounts, NULL, "/", "/sys/fs/cgroup", false);
	is_at(unified_mounts, "memory", "/", NULL, false);
	is_at(unified_mounts, NULL, "/../sibling", NULL, false); // beyond the cgroup namespace
	is_at("30 23 0:26 / /point rw - cgroup2\n", NULL, "/", NULL, false); // cut off
	is_at("", NULL, "/", NULL, false);
}

static void the_mount_made_last_is_used(void **unused)
{
	is_at("1 0 0:2 / /old rw - cgroup2 none ro\n2 0 0:2 / /new rw - cgroup2 none rw\n", NULL,
	      "/a", "/new/a", false);
}

static void lists_have_whole_words(void **unused)
{
	assert_true(facts_has_word("cpuset cpu io memory pids\n", "cpu"));
	assert_true(facts_has_word("cpuset cpu io memory pids\n", "pids"));
	assert_true(facts_has_word("memory", "memory"));
	assert_false(facts_has_word("cpuset io\n", "cpu"));
	assert_false(facts_has_word("\n", "cpu"));
	assert_false(facts_has_word("", "cpu"));
}

static void counters_and_numbers_are_read_strictly(void **unused)
{
	static const char events[] = "low 0\nmax 12\noom 3\noom_kill 2\n";
	uint64_t value;
	assert_true(facts_counter(events, "oom_kill", &value));
	assert_int_equal(value, 2);
	assert_true(facts_counter(events, "oom", &value));
	assert_int_equal(value, 3);
	assert_false(facts_counter(events, "oom_group_kill", &value));
	assert_false(facts_counter("oom x\n", "oom", &value));
	assert_true(facts_number("4096\n", &value));
	assert_int_equal(value, 4096);
	assert_true(facts_number("max\n", &value));
	assert_true(value == UINT64_MAX);
	assert_false(facts_number("", &value));
	assert_false(facts_number("-1\n", &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(membership_is_by_controller),
		cmocka_unit_test(a_folder_is_where_the_mount_shows_it),
		cmocka_unit_test(the_mount_made_last_is_used),
		cmocka_unit_test(lists_have_whole_words),
		cmocka_unit_test(counters_and_numbers_are_read_strictly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
