// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <string.h>

#include "base/mem.h"
#include "controller/app/plan.h"
#include "controller/app/plan_policy.h"
#include "controller/app/plan_kit.h"

static const char manifest_text[] =
	"version: '1'\n"
	"name: kit\n"
	"options:\n"
	"  model: { kind: string, default: tiny }\n"
	"  size: { kind: number }\n"
	"secrets: { token: {} }\n"
	"host_mounts: { my-data: { usage: Data, access: read_write } }\n"
	"workloads:\n"
	"  web:\n"
	"    connections: [archive]\n"
	"    mounts: [{ mount_mid: my-data, access: read_only }]\n"
	"    endpoints: [http]\n"
	"    runtime:\n"
	"      source:\n"
	"        toolchain: bun\n"
	"        prepare: { command: bun install }\n"
	"        start:\n"
	"          command: bun run src/index.ts\n"
	"          env: { LEVEL: debug }\n"
	"          env_from_options: { MODEL: model }\n"
	"  archive:\n"
	"    endpoints: [http, mcp, { protocol: http, path: /admin }]\n"
	"    secrets: [token]\n"
	"    runtime: { source: { toolchain: bun, start: { command: bun x } } }\n"
	"  editor:\n"
	"    connections: [{ workload: archive, endpoints: [/admin], timeout: 5s }]\n"
	"    endpoints: [mcp]\n"
	"    runtime: { source: { toolchain: bun, start: { command: bun x } } }\n"
	"expose:\n"
	"- { path: /, target: web, endpoints: [http] }\n"
	"- { path: /mcp, target: editor, endpoints: [mcp] }\n";

static struct manifest *manifest;
static struct plan_value size = {(char[]){"size"}, (char[]){"3"}};
static struct plan_value data = {(char[]){"my-data"}, (char[]){"/srv/data"}};
static struct plan_kit kit;
static struct plan_inputs inputs;

static int set_up(void **unused)
{
	struct manifest_problems problems;
	manifest_problems_init(&problems);
	manifest = manifest_parse(manifest_text, sizeof(manifest_text) - 1, "capability.yml",
				  &problems);
	manifest_problems_print(stderr, &problems);
	manifest_problems_free(&problems);
	kit = (struct plan_kit){
		.manifest = manifest,
		.name = "",
		.identity = "kit@1",
		.snapshot = "/state/snapshots/s",
		.snapshot_digest = "s",
		.options = &size,
		.n_options = 1,
		.mounts = &data,
		.n_mounts = 1,
	};
	static const struct cgroup_support no_cgroups;
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
		.registry_url = "https://packages.example.org/",
		.registry_host = "packages.example.org",
		.registry_port = 443,
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

static const char *env_of(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->n_env; i++)
		if (str_eq(policy->env[i].name, name))
			return policy->env[i].value;
	return NULL;
}

static const struct policy_mount *mount_at(const struct policy *policy, const char *target)
{
	for (size_t i = 0; i < policy->n_mounts; i++)
		if (str_eq(policy->mounts[i].target, target))
			return &policy->mounts[i];
	fail_msg("nothing is mounted at %s", target);
	return NULL;
}

static void a_link_for_each_declared_pair_and_no_other(void **unused)
{
	struct plan *plan = make();
	static const struct {
		const char *name;
		size_t n_paths;
		const char *first;
	} expected[] = {{"web>archive", 3, "/http"},
			{"editor>archive", 1, "/admin"},
			{"@edge>web", 1, "/http"},
			{"@edge>editor", 1, "/mcp"}};
	assert_int_equal(plan->n_links, array_len(expected));
	for (size_t i = 0; i < array_len(expected); i++) {
		assert_string_equal(plan->links[i].name, expected[i].name);
		assert_int_equal(plan->links[i].n_paths, expected[i].n_paths);
		assert_string_equal(plan->links[i].paths[0], expected[i].first);
	}
	plan_free(&plan);
}

static void a_socket_for_each_connected_endpoint(void **unused)
{
	struct plan *plan = make();
	assert_int_equal(plan->workloads[0].n_connections, 3);
	assert_int_equal(plan->workloads[1].n_connections, 0);
	assert_int_equal(plan->workloads[2].n_connections, 1);
	assert_int_equal(plan->workloads[2].connections[0].timeout_ms, 5000);
	assert_string_not_equal(plan->workloads[0].connections[0].socket,
				plan->workloads[0].connections[1].socket);
	plan_free(&plan);
}

static void the_environment_is_the_contracts(void **unused)
{
	struct plan *plan = make();
	const struct policy *web = plan->workloads[0].start;
	assert_string_equal(env_of(web, "CAPAKIT_WORKLOAD_KEY"), "web");
	assert_string_equal(env_of(web, "CAPAKIT_WORKLOAD_MID"), "web");
	assert_string_equal(env_of(web, "CAPAKIT_WORKLOAD_HOST_BACKEND"), "linux_sandbox");
	assert_string_equal(env_of(web, "CAPAKIT_WORKLOAD_RUNTIME_SID"), "0011223344556677");
	assert_string_equal(env_of(web, "CAPAKIT_WORKLOAD_INGRESS_BIND"),
			    "unix:/run/capakit/ingress/http.sock");
	assert_string_equal(env_of(web, "CAPAKIT_WORKLOAD_BRIDGE_BIND"),
			    "unix:/run/capakit/bridge.sock");
	assert_string_equal(env_of(web, "CAPAKIT_MOUNT_MY_DATA"), "/mnt/my-data");
	assert_string_equal(env_of(web, "container"), "capakit");
	assert_string_equal(env_of(web, "LEVEL"), "debug");
	assert_string_equal(env_of(web, "MODEL"), "tiny");
	assert_null(env_of(web, "CAPAKIT_WORKLOAD_HOST_PID"));
	assert_null(env_of(web, "HTTP_PROXY"));
	plan_free(&plan);
}

static void connections_are_told_as_json(void **unused)
{
	struct plan *plan = make();
	const char *text = env_of(plan->workloads[2].start, "CAPAKIT_CONNECTED_WORKLOADS");
	json_t *list = json_loads(text, 0, NULL);
	assert_int_equal(json_array_size(list), 1);
	json_t *entry = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(entry, "workloadKey")), "archive");
	assert_string_equal(json_string_value(json_object_get(entry, "workloadMid")), "archive");
	assert_string_equal(json_string_value(json_object_get(entry, "endpoint")), "/admin");
	assert_string_equal(json_string_value(json_object_get(entry, "protocol")), "http");
	assert_true(str_starts(json_string_value(json_object_get(entry, "bind")),
			       "unix:/run/capakit/connect/"));
	assert_int_equal(json_object_size(entry), 5);
	json_decref(list);
	plan_free(&plan);
}

static void start_has_no_network_and_its_own_mounts(void **unused)
{
	struct plan *plan = make();
	const struct policy *web = plan->workloads[0].start;
	assert_int_equal(web->network, POLICY_NET_NONE);
	assert_string_equal(mount_at(web, "/mnt/my-data")->source, "/srv/data");
	assert_false(mount_at(web, "/mnt/my-data")->writable);
	assert_false(mount_at(web, "/kit")->writable);
	assert_false(mount_at(web, "/run/capakit")->writable);
	assert_true(mount_at(web, "/run/capakit/ingress")->writable);
	const struct policy_mount *own = mount_at(web, "/kit/workloads/web");
	assert_int_equal(own->kind, POLICY_MOUNT_OVERLAY);
	assert_int_equal(own->n_lowers, 2);
	assert_string_equal(own->lowers[1], "/state/snapshots/s/workloads/web");
	assert_string_equal(web->directory, "/kit/workloads/web");
	assert_non_null(strstr(mount_at(web, "/etc/hosts")->content, "web"));
	plan_free(&plan);
}

static void prepare_has_the_registry_and_no_view(void **unused)
{
	struct plan *plan = make();
	const struct policy *prepare = plan->workloads[0].layers[PHASE_PREPARE].policy;
	assert_int_equal(prepare->network, POLICY_NET_EGRESS);
	assert_non_null(env_of(prepare, "HTTPS_PROXY"));
	assert_string_equal(env_of(prepare, "NPM_CONFIG_REGISTRY"), inputs.registry_url);
	assert_null(env_of(prepare, "CAPAKIT_WORKLOAD_BRIDGE_BIND"));
	for (size_t i = 0; i < prepare->n_mounts; i++) {
		assert_false(str_starts(prepare->mounts[i].target, "/run/capakit"));
		assert_false(str_starts(prepare->mounts[i].target, "/mnt"));
	}
	assert_null(plan->workloads[1].layers[PHASE_PREPARE].policy);
	plan_free(&plan);
}

/* Lines of manifest_text. */
static void each_line_says_where_it_was_asked_for(void **unused)
{
	struct plan *plan = make();
	const struct policy *web = plan->workloads[0].start;
	assert_string_equal(web->command_from, "capability.yml:18:11");
	assert_string_equal(web->network_from, "capability.yml:17:9"); // the default of the phase
	assert_string_equal(mount_at(web, "/mnt/my-data")->from, "capability.yml:11:14");
	assert_string_equal(mount_at(web, "/kit/workloads/web")->from, "capability.yml:9:3");
	assert_string_equal(mount_at(web, "/usr")->from, "");
	for (size_t i = 0; i < web->n_env; i++)
		if (str_eq(web->env[i].name, "MODEL")) {
			assert_string_equal(web->env[i].reason, "the option model");
			assert_string_equal(web->env[i].from, "capability.yml:20:31");
		}
	assert_int_equal(plan->workloads[0].connections[0].at.line, 10);
	plan_free(&plan);
}

/* Of a dependency the folder, as seen from the Kit that was started. */
static void places_in_dependencies(void **unused)
{
	const struct location at = {3, 7};
	struct manifest_dependency left = {.path = (char[]){"../left"}},
				   leaf = {.path = (char[]){"leaf"}},
				   far = {.git = (char[]){"https://example.org/far.git"}};
	const struct plan_kit kits[] = {
		{.name = ""},
		{.name = "left", .dependency = &left},
		{.name = "left:leaf", .parent = 1, .dependency = &leaf},
		{.name = "far", .dependency = &far},
	};
	const struct plan_inputs all = {.kits = kits, .n_kits = array_len(kits)};
	static const char *const wanted[] = {"capability.yml:3:7", "../left/capability.yml:3:7",
					     "../left/leaf/capability.yml:3:7",
					     "https://example.org/far.git/capability.yml:3:7"};

	for (size_t i = 0; i < array_len(kits); i++) {
		auto_free char *place = plan_kit_place(&all, &kits[i], at);
		assert_string_equal(place, wanted[i]);
	}
	auto_free char *nowhere = plan_kit_place(&all, &kits[1], (struct location){0});
	assert_string_equal(nowhere, "");
}

static void the_layer_does_not_depend_on_the_run(void **unused)
{
	struct plan *plan = make();
	inputs.run_id = "8899aabbccddeeff";
	inputs.run_folder = "/state/runs/r2";
	inputs.runtime_folder = "/run/b";
	struct plan *again = make();
	assert_string_equal(plan->workloads[0].layers[PHASE_PREPARE].key,
			    again->workloads[0].layers[PHASE_PREPARE].key);
	plan_free(&plan);
	plan_free(&again);
}

static void refused(enum err_code code, const char *says)
{
	struct err err = {0};
	struct plan *plan = plan_new(&inputs, &err);
	assert_null(plan);
	assert_int_equal(err.code, code);
	if (!strstr(err.text, says))
		fail_msg("%s", err.text);
}

static void options_and_mounts_are_checked(void **unused)
{
	struct plan_value bad = {(char[]){"size"}, (char[]){"many"}};
	struct plan_value unknown = {(char[]){"colour"}, (char[]){"red"}};
	kit.n_options = 0;
	refused(ERR_USAGE, "--option size=VALUE");
	kit.n_options = 1;
	kit.options = &bad;
	refused(ERR_USAGE, "--option size");
	kit.options = &unknown;
	refused(ERR_USAGE, "colour");
	kit.options = &size;
	kit.n_mounts = 0;
	refused(ERR_USAGE, "--mount my-data=PATH");
	kit.n_mounts = 1;
	kit.mounts = &unknown;
	refused(ERR_USAGE, "colour");
}

/* Two that live at once may never be one user: that is what keeps them apart as root. */
static void as_root_everyone_is_somebody_else(void **unused)
{
	enum { FIRST = 2001, COUNT = 13 };
	uid_t uids[COUNT], used[COUNT];
	bool seen[COUNT] = {0};
	size_t n = 0;
	for (size_t i = 0; i < COUNT; i++)
		uids[i] = (uid_t)(FIRST + i);
	inputs.uids = uids;
	struct plan *plan = make();
	used[n++] = plan->edge_uid;
	for (size_t i = 0; i < plan->n_outsides; i++)
		used[n++] = plan->outsides[i].sidecar_uid;
	for (size_t i = 0; i < plan->n_workloads; i++) {
		const struct plan_workload *workload = &plan->workloads[i];
		used[n++] = workload->sidecar_uid;
		used[n++] = workload->uid;
		used[n++] = workload->egress_uid;
		assert_int_equal(workload->start->host_uid, workload->uid);
		assert_int_equal(workload->start->umask, 007);
	}
	for (size_t i = 0; i < n; i++) {
		assert_in_range(used[i], FIRST, FIRST + COUNT - 1);
		assert_false(seen[used[i] - FIRST]);
		seen[used[i] - FIRST] = true;
	}
	plan_free(&plan);
}

/* What is tested is called as by any other workload: over a link of its own, and no more than that.
 */
static void the_tester_is_one_more_caller(void **unused)
{
	static const struct plan_test_target targets[] = {
		{"archive", "/mcp"}, {"web", "/http"}, {"archive", "/mcp"}, {"archive", "/admin"}};
	inputs.test_targets = targets;
	inputs.n_test_targets = array_len(targets);
	uid_t uids[14];
	for (size_t i = 0; i < array_len(uids); i++)
		uids[i] = (uid_t)(500000 + i);
	inputs.uids = uids;
	struct plan *plan = make();
	const struct plan_workload *tester = &plan->tester;
	assert_string_equal(tester->identity, "spiffe://app-0011223344556677.capakit/test");
	assert_int_equal(tester->sidecar_uid, 500013);
	assert_int_equal(tester->n_connections, 3);
	assert_ptr_equal(plan_tester_connection(plan, &targets[2]), &tester->connections[0]);
	assert_null(plan_tester_connection(plan, &(struct plan_test_target){"web", "/mcp"}));
	const struct plan_link *link = &plan->links[tester->connections[0].link];
	assert_string_equal(link->name, "@test>archive");
	assert_int_equal(link->caller, PLAN_TESTER);
	assert_int_equal(link->n_paths, 2);
	assert_string_equal(link->paths[0], "/mcp");
	assert_string_equal(link->paths[1], "/admin");
	plan_free(&plan);
}

static void without_tests_there_is_no_tester(void **unused)
{
	struct plan *plan = make();
	assert_int_equal(plan->tester.n_connections, 0);
	for (size_t i = 0; i < plan->n_links; i++)
		assert_int_not_equal(plan->links[i].caller, PLAN_TESTER);
	plan_free(&plan);
}

static void a_command_has_mounts_and_no_connections(void **unused)
{
	struct plan *plan = make();
	struct err err = {0};
	char *argv[] = {(char[]){"ls"}, (char[]){"-l"}};
	struct policy *policy = plan_policy_command(plan, &plan->workloads[0], argv, 2, &err);
	assert_int_equal(policy->n_argv, 2);
	assert_string_equal(policy->argv[1], "-l");
	assert_string_equal(mount_at(policy, "/kit/workloads/web")->upper,
			    "/state/runs/r/web.start/upper");
	assert_int_equal(mount_at(policy, "/kit/workloads/web")->n_lowers, 2);
	assert_string_equal(mount_at(policy, "/mnt/my-data")->source, "/srv/data");
	assert_string_equal(env_of(policy, "LEVEL"), "debug");
	assert_string_equal(env_of(policy, "CAPAKIT_MOUNT_MY_DATA"), "/mnt/my-data");
	assert_null(env_of(policy, "CAPAKIT_CONNECTED_WORKLOADS"));
	for (size_t i = 0; i < policy->n_mounts; i++)
		assert_false(str_starts(policy->mounts[i].target, "/run/capakit"));
	policy_free(&policy);
	plan_free(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(a_link_for_each_declared_pair_and_no_other),
		TEST(a_socket_for_each_connected_endpoint),
		TEST(the_environment_is_the_contracts),
		TEST(connections_are_told_as_json),
		TEST(start_has_no_network_and_its_own_mounts),
		TEST(prepare_has_the_registry_and_no_view),
		TEST(each_line_says_where_it_was_asked_for),
		TEST(places_in_dependencies),
		TEST(the_layer_does_not_depend_on_the_run),
		TEST(options_and_mounts_are_checked),
		TEST(as_root_everyone_is_somebody_else),
		TEST(the_tester_is_one_more_caller),
		TEST(without_tests_there_is_no_tester),
		TEST(a_command_has_mounts_and_no_connections),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
