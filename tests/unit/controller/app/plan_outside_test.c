// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "controller/app/plan_outside.h"

static const char text[] =
	"version: '1'\n"
	"name: kit\n"
	"secrets: { token: {}, other: {} }\n"
	"workloads:\n"
	"  quiet:\n"
	"    endpoints: [http]\n"
	"    runtime: { source: { toolchain: bun, start: { command: bun x } } }\n"
	"  web:\n"
	"    connections:\n"
	"    - name: crm\n"
	"      host: api.example.com\n"
	"      methods: [GET]\n"
	"      paths: [/crm/*, /me]\n"
	"      timeout: 5s\n"
	"      inject: { header: Authorization, value: 'Bearer ${token}' }\n"
	"    - { name: plain, host: other.example.com, port: 8443 }\n"
	"    - quiet\n"
	"    runtime: { source: { toolchain: bun, start: { command: bun x } } }\n";

static const struct cgroup_support no_cgroups;
static struct manifest *manifest;
static struct plan_kit kit;
static struct plan_inputs inputs;
static struct plan *plan;

static int set_up(void **unused)
{
	struct manifest_problems problems;
	struct err err;
	manifest_problems_init(&problems);
	manifest = manifest_parse(text, sizeof(text) - 1, "capability.yml", &problems);
	manifest_problems_print(stderr, &problems);
	manifest_problems_free(&problems);
	kit = (struct plan_kit){.manifest = manifest,
				.name = "",
				.identity = "kit@1",
				.snapshot = "/s",
				.snapshot_digest = "s"};
	inputs = (struct plan_inputs){.kits = &kit,
				      .n_kits = 1,
				      .app = "app",
				      .run_id = "0011223344556677",
				      .runtime_folder = "/run/a",
				      .run_folder = "/r",
				      .state_folder = "/s",
				      .bun = "/usr/bin/env",
				      .toolchain_id = "t",
				      .profile = "standard",
				      .machine = {.cgroups = &no_cgroups}};
	plan = plan_new(&inputs, &err);
	if (!plan)
		fprintf(stderr, "%s\n", err.text);
	return plan == NULL;
}

static int tear_down(void **unused)
{
	plan_free(&plan);
	manifest_free(&manifest);
	return 0;
}

static void all_of_a_workload_share_one_sidecar(void **unused)
{
	assert_int_equal(plan->n_outsides, 1);
	assert_ptr_equal(plan->outsides[0].outside_of, &plan->workloads[1]);
	assert_string_equal(plan->outsides[0].identity,
			    "spiffe://app-0011223344556677.capakit/workload/web/outside");
	assert_string_equal(plan->outsides[0].name, "web@outside");
}

static void each_is_a_link_to_it(void **unused)
{
	const struct plan_workload *web = &plan->workloads[1];
	assert_int_equal(web->n_connections, 3);
	const struct plan_link *crm = &plan->links[web->connections[0].link];
	assert_string_equal(crm->name, "web>@crm");
	assert_string_equal(crm->callee_name, "@api.example.com:443");
	assert_int_equal(crm->callee, plan->n_workloads);
	assert_ptr_equal(plan_caller(plan, crm->callee), &plan->outsides[0]);
	const struct plan_link *plain = &plan->links[web->connections[1].link];
	assert_string_equal(plain->callee_name, "@other.example.com:8443");
	assert_string_equal(plan->links[web->connections[2].link].callee_name, "quiet");
	assert_int_equal(web->connections[0].timeout_ms, 5000);
}

/* kit-contract.md, section 3: its name as workload, endpoint `/`, protocol http */
static void the_workload_sees_one_more_entry(void **unused)
{
	const struct policy *policy = plan->workloads[1].start;
	const char *connected = NULL;
	for (size_t i = 0; i < policy->n_env; i++)
		if (str_eq(policy->env[i].name, "CAPAKIT_CONNECTED_WORKLOADS"))
			connected = policy->env[i].value;
	assert_non_null(connected);
	assert_non_null(strstr(connected, "{\"workloadMid\":\"crm\",\"workloadKey\":\"crm\","
					  "\"endpoint\":\"/\",\"protocol\":\"http\",\"bind\":"
					  "\"unix:/run/capakit/connect/crm.0.sock\"}"));
	assert_null(strstr(connected, "token"));
}

static void what_may_go_is_said(void **unused)
{
	const struct plan_workload *web = &plan->workloads[1];
	auto_free char *crm = plan_outside_text(web->connections[0].outside);
	auto_free char *plain = plan_outside_text(web->connections[1].outside);
	assert_non_null(strstr(crm, "GET to /crm/*, /me, with "));
	assert_non_null(strstr(crm, " from the secret token"));
	assert_string_equal(plain, "any method to any path");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_a_workload_share_one_sidecar),
		cmocka_unit_test(each_is_a_link_to_it),
		cmocka_unit_test(the_workload_sees_one_more_entry),
		cmocka_unit_test(what_may_go_is_said),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
