// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/mem.h"
#include "controller/app/plan_layer.h"

static const char manifest_text[] =
	"version: '1'\n"
	"name: kit\n"
	"options:\n"
	"  model: { kind: string, default: tiny }\n"
	"  other: { kind: string, default: none }\n"
	"host_mounts: { data: { usage: Data, access: read_write } }\n"
	"workloads:\n"
	"  web:\n"
	"    mounts: [{ mount_mid: data, access: read_only }]\n"
	"    runtime:\n"
	"      source:\n"
	"        toolchain: bun\n"
	"        prepare: { command: bun install, env: { LEVEL: high } }\n"
	"        hydrate: { command: bun run fetch.ts, env_from_options: { MODEL: model } }\n"
	"        start: { command: bun run index.ts }\n";

static char tiny[] = "tiny", large[] = "large", none[] = "none", some[] = "some";
static char folder[] = "/srv/data", other_folder[] = "/srv/other";

static struct manifest *manifest;
static struct plan_value options[2] = {{(char[]){"model"}, NULL}, {(char[]){"other"}, NULL}};
static struct plan_value data = {(char[]){"data"}, NULL};
static struct plan_kit kit;
static struct plan_inputs inputs;

static int set_up(void **unused)
{
	static const struct cgroup_support no_cgroups;
	struct manifest_problems problems;
	manifest_problems_init(&problems);
	manifest = manifest_parse(manifest_text, sizeof(manifest_text) - 1, "capability.yml",
				  &problems);
	manifest_problems_print(stderr, &problems);
	manifest_problems_free(&problems);
	options[0].value = tiny;
	options[1].value = none;
	data.value = folder;
	kit = (struct plan_kit){
		.manifest = manifest,
		.name = "",
		.identity = "kit@1",
		.snapshot = "/state/snapshots/s/tree",
		.snapshot_digest = "s",
		.options = options,
		.n_options = 2,
		.mounts = &data,
		.n_mounts = 1,
	};
	inputs = (struct plan_inputs){
		.machine = {.cgroups = &no_cgroups},
		.kits = &kit,
		.n_kits = 1,
		.app = "app",
		.run_id = "0011223344556677",
		.runtime_folder = "/run/a",
		.state_folder = "/state",
		.run_folder = "/state/runs/r",
		.bun = "/usr/bin/env",
		.toolchain_id = "t",
		.profile = "standard",
	};
	return manifest == NULL;
}

static int tear_down(void **unused)
{
	manifest_free(&manifest);
	return 0;
}

static struct plan *make(void)
{
	struct err err = {0};
	struct plan *plan = plan_new(&inputs, &err);
	if (!plan)
		fail_msg("%s", err.text);
	return plan;
}

struct keys {
	char of[PHASE_START][SHA256_HEX];
};

static struct keys make_keys(void)
{
	struct plan *plan = make();
	struct keys keys;
	for (int i = 0; i < PHASE_START; i++)
		memcpy(keys.of[i], plan->workloads[0].layers[i].key, SHA256_HEX);
	plan_free(&plan);
	return keys;
}

/* Whether the keys of prepare and of hydrate are others now. */
static void check_changes(const struct keys *before, bool prepare, bool hydrate)
{
	struct keys now = make_keys();
	assert_int_equal(!str_eq(before->of[PHASE_PREPARE], now.of[PHASE_PREPARE]), prepare);
	assert_int_equal(!str_eq(before->of[PHASE_HYDRATE], now.of[PHASE_HYDRATE]), hydrate);
}

static const struct policy_mount *mount_at(const struct policy *policy, const char *target)
{
	for (size_t i = 0; i < policy->n_mounts; i++)
		if (str_eq(policy->mounts[i].target, target))
			return &policy->mounts[i];
	return NULL;
}

static bool has_env(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->n_env; i++)
		if (str_eq(policy->env[i].name, name))
			return true;
	return false;
}

static void hydrate_has_the_mounts_and_prepare_has_not(void **unused)
{
	struct plan *plan = make();
	const struct policy *prepare = plan->workloads[0].layers[PHASE_PREPARE].policy;
	const struct policy *hydrate = plan->workloads[0].layers[PHASE_HYDRATE].policy;
	assert_null(mount_at(prepare, "/mnt/data"));
	assert_false(has_env(prepare, "CAPAKIT_MOUNTS_JSON"));
	const struct policy_mount *mount = mount_at(hydrate, "/mnt/data");
	assert_non_null(mount);
	assert_string_equal(mount->source, "/srv/data");
	assert_false(mount->writable); // as the workload says, not as the Kit may
	assert_true(has_env(hydrate, "CAPAKIT_MOUNT_DATA"));
	assert_null(mount_at(hydrate, "/run/capakit"));
	assert_false(has_env(hydrate, "CAPAKIT_WORKLOAD_BRIDGE_BIND"));
	assert_false(has_env(hydrate, "CAPAKIT_CONNECTED_WORKLOADS"));
	assert_int_equal(hydrate->network, POLICY_NET_EGRESS);
	plan_free(&plan);
}

static void check_lower(const struct policy_mount *mount, size_t i, const char *key)
{
	char path[256];
	snprintf(path, sizeof(path), "/state/layers/%s/tree", key);
	assert_string_equal(mount->lowers[i], path);
}

static void each_layer_lies_on_those_before(void **unused)
{
	struct plan *plan = make();
	const struct plan_workload *web = &plan->workloads[0];
	const struct policy_mount *start = mount_at(web->start, "/kit/workloads/web");
	const struct policy_mount *hydrate =
		mount_at(web->layers[PHASE_HYDRATE].policy, "/kit/workloads/web");
	assert_int_equal(hydrate->n_lowers, 2);
	check_lower(hydrate, 0, web->layers[PHASE_PREPARE].key);
	assert_int_equal(start->n_lowers, 3);
	check_lower(start, 0, web->layers[PHASE_HYDRATE].key);
	check_lower(start, 1, web->layers[PHASE_PREPARE].key);
	assert_string_equal(start->lowers[2], "/state/snapshots/s/tree/workloads/web");
	plan_free(&plan);
}

static void what_goes_into_one_goes_into_what_lies_on_it(void **unused)
{
	struct keys before = make_keys();
	manifest->workloads[0].phases[PHASE_PREPARE].argv[1][0] = 'I';
	check_changes(&before, true, true);
}

static void what_only_hydrate_sees_changes_only_that(void **unused)
{
	struct keys before = make_keys();
	options[0].value = large;
	check_changes(&before, false, true);
	before = make_keys();
	data.value = other_folder;
	check_changes(&before, false, true);
	before = make_keys();
	manifest->workloads[0].mounts[0].access = ACCESS_READ_WRITE;
	check_changes(&before, false, true);
	before = make_keys();
	manifest->workloads[0].phases[PHASE_HYDRATE].network.kind = NETWORK_NONE;
	check_changes(&before, false, true);
}

static void what_none_sees_changes_none(void **unused)
{
	struct keys before = make_keys();
	options[1].value = some;
	inputs.run_id = "8899aabbccddeeff";
	inputs.run_folder = "/state/runs/another";
	inputs.app = "another";
	check_changes(&before, false, false);
}

static void an_app_uses_its_snapshot_and_its_layers(void **unused)
{
	struct plan *plan = make();
	struct store_uses uses = {0};
	plan_uses(plan, &uses);
	assert_int_equal(uses.count, 3);
	assert_true(uses_has(&uses, "snapshots", "s"));
	assert_true(uses_has(&uses, "layers", plan->workloads[0].layers[PHASE_PREPARE].key));
	assert_true(uses_has(&uses, "layers", plan->workloads[0].layers[PHASE_HYDRATE].key));
	uses_free(&uses);
	plan_free(&plan);
}

#define layer_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		layer_test(hydrate_has_the_mounts_and_prepare_has_not),
		layer_test(each_layer_lies_on_those_before),
		layer_test(what_goes_into_one_goes_into_what_lies_on_it),
		layer_test(what_only_hydrate_sees_changes_only_that),
		layer_test(what_none_sees_changes_none),
		layer_test(an_app_uses_its_snapshot_and_its_layers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
