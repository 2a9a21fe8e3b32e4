// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "controller/app/host_service.h"
#include "controller/app/plan_egress.h"

static struct host_service services[2];
static struct plan_inputs inputs = {
	.registry_host = "registry.corp.example",
	.registry_port = 4873,
	.host_services = services,
	.n_host_services = array_len(services),
};

static int set_up(void **unused)
{
	struct err err;
	return !host_service_parse("ollama=127.0.0.1:11434", &services[0], &err) ||
	       !host_service_parse("db=10.0.0.5:80", &services[1], &err);
}

static int tear_down(void **unused)
{
	host_service_free(&services[0]);
	host_service_free(&services[1]);
	return 0;
}

static const struct plan_egress_rule *rule(const struct plan_egress *egress, const char *name)
{
	for (size_t i = 0; i < egress->n_rules; i++)
		if (str_eq(egress->rules[i].name, name))
			return &egress->rules[i];
	return NULL;
}

static struct plan_egress *of_allow(const char *name, uint16_t port)
{
	struct manifest_allow allow = {(char *)(uintptr_t)name, port, {.line = 7}};
	const struct manifest_network network = {
		.kind = NETWORK_ALLOW, .allow = &allow, .n_allow = 1};
	return plan_egress_new(&inputs, &network, PHASE_START);
}

static void a_list_is_as_written_with_its_line(void **unused)
{
	struct plan_egress *egress = of_allow("api.example.com", 443);
	assert_int_equal(egress->n_rules, 1);
	assert_string_equal(egress->rules[0].name, "api.example.com");
	assert_int_equal(egress->rules[0].port, 443);
	assert_false(egress->rules[0].exempt);
	assert_string_equal(egress->rules[0].reason, "allowed by the manifest");
	assert_int_equal(egress->rules[0].at.line, 7);
	plan_egress_free(&egress);
}

static void the_registry_is_exempt_by_name_and_port(void **unused)
{
	struct plan_egress *same = of_allow("registry.corp.example", 4873);
	assert_true(rule(same, "registry.corp.example")->exempt);
	struct plan_egress *other = of_allow("registry.corp.example", 443);
	assert_false(rule(other, "registry.corp.example")->exempt);
	plan_egress_free(&same);
	plan_egress_free(&other);
}

/* What the manifest asks for, and the person allows: both. */
static void a_service_needs_the_manifest_and_the_person(void **unused)
{
	struct plan_egress *asks = of_allow("ollama.host.capakit.internal", 11434);
	const struct plan_egress_rule *service = &asks->rules[asks->n_rules - 1];
	assert_ptr_equal(service->service, &services[0]);
	assert_true(service->exempt);
	assert_int_equal(asks->n_rules, 2); // not the other one
	struct plan_egress *port = of_allow("ollama.host.capakit.internal", 443);
	assert_null(rule(port, "ollama.host.capakit.internal")->service);
	struct plan_egress *pattern = of_allow("*.host.capakit.internal", 80);
	assert_ptr_equal(rule(pattern, "db.host.capakit.internal")->service, &services[1]);
	assert_null(rule(pattern, "ollama.host.capakit.internal"));
	struct plan_egress *silent = of_allow("api.example.com", 443);
	assert_int_equal(silent->n_rules, 1);
	plan_egress_free(&asks);
	plan_egress_free(&port);
	plan_egress_free(&pattern);
	plan_egress_free(&silent);
}

static void full_asks_for_all_and_what_is_kept_gets_none(void **unused)
{
	const struct manifest_network full = {.kind = NETWORK_FULL, .at = {.line = 3}};
	const struct manifest_network registries = {.kind = NETWORK_REGISTRIES};
	struct plan_egress *start = plan_egress_new(&inputs, &full, PHASE_START);
	assert_ptr_equal(rule(start, "ollama.host.capakit.internal")->service, &services[0]);
	assert_ptr_equal(rule(start, "db.host.capakit.internal")->service, &services[1]);
	assert_false(rule(start, "*")->exempt);
	struct plan_egress *prepare = plan_egress_new(&inputs, &full, PHASE_PREPARE);
	assert_null(rule(prepare, "ollama.host.capakit.internal"));
	struct plan_egress *hydrate = plan_egress_new(&inputs, &full, PHASE_HYDRATE);
	assert_null(rule(hydrate, "ollama.host.capakit.internal"));
	struct plan_egress *packages = plan_egress_new(&inputs, &registries, PHASE_START);
	assert_int_equal(packages->n_rules, 1);
	assert_true(packages->rules[0].exempt);
	plan_egress_free(&start);
	plan_egress_free(&prepare);
	plan_egress_free(&hydrate);
	plan_egress_free(&packages);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_as_written_with_its_line),
		cmocka_unit_test(the_registry_is_exempt_by_name_and_port),
		cmocka_unit_test(a_service_needs_the_manifest_and_the_person),
		cmocka_unit_test(full_asks_for_all_and_what_is_kept_gets_none),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
