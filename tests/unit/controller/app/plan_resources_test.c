// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/limits.h"
#include "controller/app/plan_resources.h"

#define GIB (1024 * (uint64_t)MIB)

static const struct cgroup_support unified = {
	.version = {CGROUP_V2, CGROUP_V2, CGROUP_V2, CGROUP_V2},
};
static const struct cgroup_support mixed = {
	.version = {CGROUP_V1, CGROUP_NONE, CGROUP_V2, CGROUP_V2},
	.why_not = "no controller of CPUs",
	.fix = "ask for one",
};
static const struct cgroup_support none = {
	.why_not = "no control groups",
	.fix = "mount some",
};
static const struct manifest_resources nothing_named;
static const struct manifest_resources all_named = {
	.memory = 512 * MIB, .cpu_milli = 1500, .pids = 128};

static struct plan_resources chosen(const struct cgroup_support *cgroups,
				    const struct manifest_resources *wanted)
{
	struct err err;
	struct plan_resources resources;
	struct plan_machine machine = {.cgroups = cgroups, .memory = 16 * GIB};
	if (!plan_resources_choose(&machine, wanted, &resources, &err))
		fail_msg("%s", err.text);
	return resources;
}

static uint64_t policy_value(const struct policy *policy, enum policy_resource resource)
{
	for (size_t i = 0; i < policy->n_limits; i++)
		if (policy->limits[i].resource == resource)
			return policy->limits[i].value;
	return 0;
}

static void what_is_named_is_held_by_a_cgroup(void **unused)
{
	struct plan_resources resources = chosen(&unified, &all_named);
	for (enum plan_resource i = PLAN_MEMORY; i <= PLAN_PIDS; i++) {
		assert_int_equal(resources.limits[i].holder, PLAN_HELD_BY_CGROUP_V2);
		assert_true(resources.limits[i].named);
		assert_null(resources.limits[i].weaker);
	}
	struct cgroup_limits limits = plan_resources_cgroup(&resources);
	assert_int_equal(limits.memory, 512 * MIB);
	assert_int_equal(limits.cpu_milli, 1500);
	assert_int_equal(limits.pids, 130); // with the launcher and process 1
	auto_policy struct policy *policy = policy_new();
	plan_resources_apply(&resources, "capability.yml:7:5", policy);
	assert_true(policy_value(policy, POLICY_LIMIT_NPROC) > 130); // the cgroup is first
	assert_int_equal(policy_value(policy, POLICY_LIMIT_DATA), 0);
}

static void defaults_are_a_share_of_the_machine(void **unused)
{
	struct plan_resources resources = chosen(&unified, &nothing_named);
	assert_int_equal(resources.limits[PLAN_MEMORY].value, 8 * GIB);
	assert_false(resources.limits[PLAN_MEMORY].named);
	assert_int_equal(resources.limits[PLAN_CPU].value, 0);
	assert_int_equal(resources.limits[PLAN_PIDS].value, SANDBOX_PIDS_DEFAULT);
	assert_int_equal(plan_resources_cgroup(&resources).cpu_milli, 0);
	struct plan_machine small = {.cgroups = &unified, .memory = GIB};
	struct err err;
	assert_true(plan_resources_choose(&small, &nothing_named, &resources, &err));
	assert_int_equal(resources.limits[PLAN_MEMORY].value, SANDBOX_MEMORY_LEAST);
}

static void without_cgroups_defaults_are_weaker_and_say_so(void **unused)
{
	struct plan_resources resources = chosen(&none, &nothing_named);
	assert_int_equal(resources.limits[PLAN_MEMORY].holder, PLAN_HELD_BY_RLIMIT);
	assert_non_null(resources.limits[PLAN_MEMORY].weaker);
	assert_int_equal(plan_resources_cgroup(&resources).memory, 0);
	auto_policy struct policy *policy = policy_new();
	plan_resources_apply(&resources, "capability.yml:7:5", policy);
	assert_int_equal(policy_value(policy, POLICY_LIMIT_DATA), 8 * GIB);
}

/* The user namespace of the sandbox counts its processes, so that a number of them is held. */
static void processes_are_held_without_cgroups(void **unused)
{
	static const struct manifest_resources pids = {.pids = 128};
	struct plan_resources resources = chosen(&none, &pids);
	assert_int_equal(resources.limits[PLAN_PIDS].holder, PLAN_HELD_BY_RLIMIT);
	auto_policy struct policy *policy = policy_new();
	plan_resources_apply(&resources, "capability.yml:7:5", policy);
	assert_int_equal(policy_value(policy, POLICY_LIMIT_NPROC), 129); // with process 1
	assert_string_equal(policy->limits[0].from, "capability.yml:7:5");
	assert_string_equal(policy->limits[1].from, "");
}

static void refused(const struct cgroup_support *cgroups, const struct manifest_resources *wanted,
		    const char *says, const char *why)
{
	struct err err = {0};
	struct plan_resources resources;
	struct plan_machine machine = {.cgroups = cgroups, .memory = 16 * GIB};
	assert_false(plan_resources_choose(&machine, wanted, &resources, &err));
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, says));
	assert_non_null(strstr(err.text, why));
}

static void what_is_named_and_cannot_be_held_is_refused(void **unused)
{
	static const struct manifest_resources memory = {.memory = 512 * MIB};
	static const struct manifest_resources cpu = {.cpu_milli = 500};
	refused(&none, &memory, "512 MiB (`resources: memory`)", "no control groups");
	refused(&none, &cpu, "0.5 CPUs (`resources: cpus`)", "no control groups");
	refused(&mixed, &all_named, "1.5 CPUs", "no controller of CPUs; ask for one");
	assert_int_equal(chosen(&mixed, &memory).limits[PLAN_MEMORY].holder,
			 PLAN_HELD_BY_CGROUP_V1);
}

static void disk_is_watched(void **unused)
{
	struct err err;
	struct plan_resources resources;
	struct plan_machine machine = {.cgroups = &none, .memory = GIB, .max_disk = 5 * MIB};
	assert_true(plan_resources_choose(&machine, &nothing_named, &resources, &err));
	assert_int_equal(resources.limits[PLAN_DISK].value, 5 * MIB);
	assert_int_equal(resources.limits[PLAN_DISK].holder, PLAN_HELD_BY_WATCH);
	assert_non_null(resources.limits[PLAN_DISK].weaker);
	auto_policy struct policy *policy = policy_new();
	plan_resources_apply(&resources, "capability.yml:7:5", policy);
	assert_int_equal(policy_value(policy, POLICY_LIMIT_FSIZE), 5 * MIB);
}

static void says(enum plan_resource resource, uint64_t value, const char *wanted)
{
	char text[PLAN_AMOUNT_MAX];
	plan_amount_text(resource, value, text);
	assert_string_equal(text, wanted);
}

static void amounts_are_written_for_people(void **unused)
{
	says(PLAN_MEMORY, 512 * MIB, "512 MiB");
	says(PLAN_MEMORY, 1536 * MIB, "1.5 GiB");
	says(PLAN_DISK, 999, "999 B");
	says(PLAN_CPU, 1500, "1.5 CPUs");
	says(PLAN_CPU, 1000, "1 CPU");
	says(PLAN_PIDS, 128, "128 processes and threads");
	says(PLAN_CPU, 0, "no limit");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_named_is_held_by_a_cgroup),
		cmocka_unit_test(defaults_are_a_share_of_the_machine),
		cmocka_unit_test(without_cgroups_defaults_are_weaker_and_say_so),
		cmocka_unit_test(processes_are_held_without_cgroups),
		cmocka_unit_test(what_is_named_and_cannot_be_held_is_refused),
		cmocka_unit_test(disk_is_watched),
		cmocka_unit_test(amounts_are_written_for_people),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
