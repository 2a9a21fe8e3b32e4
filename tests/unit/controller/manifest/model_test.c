// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/controller/manifest/check.h"

#include "base/limits.h"

/* A manifest that uses everything, and what has to come out of it. */
static const char EVERYTHING[] =
	"version: '1'\n"
	"name: invoice-helper\n"
	"license: Apache-2.0\n"
	"options:\n"
	"  model:   { kind: string, default: tiny, description: Model to use }\n"
	"  threads: { kind: number, default: 4 }\n"
	"  gpu:     { kind: enum, default: none, enum_values: [none, cuda] }\n"
	"  verbose: { kind: boolean, default: False }\n"
	"  key:     { kind: string }\n"
	"secrets:\n"
	"  hubspot_token: { description: HubSpot private app token, required: true }\n"
	"  model_key: { description: Key of the model service }\n"
	"host_mounts:\n"
	"  invoices: { usage: Invoices to read, access: read_only }\n"
	"  cache: { access: read_write }\n"
	"dependencies:\n"
	"  llama:\n"
	"    source: { git: 'https://example.org/llama-kit#v1' }\n"
	"    options: { default_model: { from_option: model }, threads: 8 }\n"
	"    mount_bindings: { models: invoices }\n"
	"    secret_bindings: { api_key: model_key }\n"
	"  near:\n"
	"    source: { path: ../near }\n"
	"workloads:\n"
	"  llama:\n"
	"    import: { dependency: llama, exposed_path: /oaic }\n"
	"  old:\n"
	"    import: { dependency: near, export: mcp }\n"
	"  extract:\n"
	"    connections:\n"
	"    - llama\n"
	"    - { workload: store, endpoints: [http, /t], timeout: 60s, idle_timeout: 5m, retries: "
	"0,\n"
	"        max_concurrent: 8 }\n"
	"    - name: hubspot\n"
	"      host: API.hubapi.com\n"
	"      paths: [/crm/*]\n"
	"      methods: [GET]\n"
	"      inject: { header: Authorization, value: \"Bearer ${hubspot_token} "
	"${hubspot_token}\" }\n"
	"    secrets: [model_key]\n"
	"    mounts: [{ mount_mid: invoices, access: read_only }, { mount_mid: cache, access: "
	"read_write }]\n"
	"    endpoints:\n"
	"    - mcp\n"
	"    - { protocol: http, path: /test, http2: true, max_body: 64MiB }\n"
	"    resources: { memory: 512MiB, cpus: 1.5, pids: 128 }\n"
	"    runtime:\n"
	"      capabilities: { gpu: { from_option: gpu } }\n"
	"      source:\n"
	"        toolchain: bun\n"
	"        prepare: { command: bun install }\n"
	"        hydrate: { command: bun run 'src/fetch model.ts', allow_network: false }\n"
	"        start:\n"
	"          command: [bun, run, src/index.ts, 1]\n"
	"          network: { allow: [API.hubapi.com, \"*.example.org:8443\"] }\n"
	"          env: { LOG_LEVEL: info, COUNT: 1.50, EMPTY: '' }\n"
	"          env_from_options: { MODEL: model }\n"
	"  store:\n"
	"    root: apps/store/\n"
	"    connections: [extract]\n"
	"    endpoints: [http, { protocol: http, path: /t }, a2a]\n"
	"    runtime: { source: { toolchain: bun, hydrate: { command: x }, start: { command: x, "
	"allow_network: "
	"true } } }\n"
	"expose:\n"
	"- { path: /mcp, target: extract, endpoints: [mcp], default_mcp: true,\n"
	"    allow_origins: [\"http://localhost:6274\"] }\n"
	"- { path: /, target: store, endpoints: [http, a2a] }\n"
	"- { path: /v1, target: llama }\n"
	"tests:\n"
	"- id: greets\n"
	"  kind: mcp\n"
	"  target: { exposed_path: /mcp }\n"
	"  request: { tool: hello-world, inputs: { n: 1, list: [a, true] } }\n"
	"  verbose_output: [$.text]\n"
	"  validations: ['$.text.eq(\"hello world\")']\n"
	"- id: typechecks\n"
	"  kind: exec\n"
	"  target: { workload: extract }\n"
	"  request: { command: [bun, x, tsc, --noEmit] }\n"
	"  validations: ['$.exit_code.eq(0)']\n"
	"- id: makes-a-page\n"
	"  kind: http\n"
	"  target: { workload: store, endpoint: http }\n"
	"  timeout: 90s\n"
	"  request: { method: POST, path: /makes-a-page?x=1, json: { pages: 1 }, headers: { X-A: 1 "
	"} }\n"
	"- id: old\n"
	"  test: an older one\n"
	"  exposed_path: /mcp\n"
	"  tool: t\n"
	"  verboseOutput: [$.model]\n"
	"- id: plain\n"
	"  kind: http\n"
	"  target: { workload: extract, endpoint: /test }\n"
	"  request: { body: 'a=b' }\n";

static struct manifest *everything;

static int setup(void **state)
{
	everything = parsed(EVERYTHING);
	return 0;
}

static int teardown(void **state)
{
	manifest_free(&everything);
	assert_null(everything);
	manifest_free(&everything); // NULL is fine
	return 0;
}

static void test_values(void **state)
{
	assert_string_equal(everything->name, "invoice-helper");
	assert_string_equal(everything->license, "Apache-2.0");
	assert_int_equal(everything->n_options, 5);
	assert_string_equal(manifest_option(everything, "model")->default_value, "tiny");
	assert_string_equal(manifest_option(everything, "model")->description, "Model to use");
	assert_int_equal(manifest_option(everything, "model")->at.line, 5);
	assert_int_equal(manifest_option(everything, "threads")->kind, OPTION_NUMBER);
	assert_string_equal(manifest_option(everything, "threads")->default_value, "4");
	assert_int_equal(manifest_option(everything, "gpu")->n_enum_values, 2);
	assert_string_equal(manifest_option(everything, "verbose")->default_value, "false");
	assert_null(manifest_option(everything, "key")->default_value);
	assert_null(manifest_option(everything, "nothing"));

	assert_true(manifest_secret(everything, "hubspot_token")->required);
	assert_false(manifest_secret(everything, "model_key")->required);
	assert_null(manifest_secret(everything, "nothing"));
	assert_int_equal(manifest_host_mount(everything, "invoices")->access, ACCESS_READ_ONLY);
	assert_int_equal(manifest_host_mount(everything, "cache")->access, ACCESS_READ_WRITE);
	assert_null(manifest_host_mount(everything, "nothing"));
}

static void test_dependencies(void **state)
{
	const struct manifest_dependency *llama = manifest_dependency(everything, "llama");

	assert_string_equal(llama->git, "https://example.org/llama-kit#v1");
	assert_null(llama->path);
	assert_int_equal(llama->n_options, 2);
	assert_string_equal(llama->options[0].from_option, "model");
	assert_null(llama->options[0].value);
	assert_string_equal(llama->options[1].value, "8");
	assert_string_equal(llama->mount_bindings[0].theirs, "models");
	assert_string_equal(llama->mount_bindings[0].ours, "invoices");
	assert_string_equal(llama->secret_bindings[0].ours, "model_key");
	assert_string_equal(manifest_dependency(everything, "near")->path, "../near");
	assert_null(manifest_dependency(everything, "nothing"));
}

static void test_imports(void **state)
{
	const struct manifest_workload *llama = manifest_workload(everything, "llama");
	const struct manifest_workload *old = manifest_workload(everything, "old");

	assert_string_equal(llama->import.dependency, "llama");
	assert_string_equal(llama->import.exposed_path, "/oaic");
	assert_int_equal(llama->n_endpoints, 1);
	assert_string_equal(llama->endpoints[0].path, "/oaic");
	assert_int_equal(llama->endpoints[0].protocol, PROTOCOL_UNKNOWN);
	assert_null(llama->toolchain);
	assert_string_equal(old->import.exposed_path, "/mcp");
	assert_ptr_equal(manifest_endpoint(llama, "oaic"), llama->endpoints);
	assert_null(manifest_endpoint(llama, "nothing"));
}

static void test_connections(void **state)
{
	const struct manifest_workload *extract = manifest_workload(everything, "extract");
	const struct manifest_connection *all = &extract->connections[0];
	const struct manifest_connection *some = &extract->connections[1];
	const struct manifest_connection *host = &extract->connections[2];

	assert_int_equal(extract->n_connections, 3);
	assert_string_equal(all->workload, "llama");
	assert_int_equal(all->n_endpoints, 1);
	assert_string_equal(all->endpoints[0], "/oaic");
	assert_false(all->has_retries);

	assert_int_equal(some->n_endpoints, 2);
	assert_string_equal(some->endpoints[0], "/http");
	assert_string_equal(some->endpoints[1], "/t");
	assert_int_equal(some->timeout_ms, 60000);
	assert_int_equal(some->idle_timeout_ms, 300000);
	assert_true(some->has_retries);
	assert_int_equal(some->retries, 0);
	assert_int_equal(some->max_concurrent, 8);

	assert_null(host->workload);
	assert_string_equal(host->name, "hubspot");
	assert_string_equal(host->host, "api.hubapi.com");
	assert_int_equal(host->port, 443);
	assert_string_equal(host->paths[0], "/crm/*");
	assert_string_equal(host->methods[0], "GET");
	assert_string_equal(host->inject.header, "Authorization");
	assert_string_equal(host->inject.value, "Bearer ${hubspot_token} ${hubspot_token}");
	assert_int_equal(host->inject.n_secrets, 1);
	assert_string_equal(host->inject.secrets[0], "hubspot_token");
}

static void test_workload(void **state)
{
	const struct manifest_workload *extract = manifest_workload(everything, "extract");

	assert_string_equal(extract->root, "workloads/extract");
	assert_string_equal(manifest_workload(everything, "store")->root, "apps/store");
	assert_string_equal(extract->secrets[0], "model_key");
	assert_int_equal(extract->n_mounts, 2);
	assert_string_equal(extract->mounts[1].mount, "cache");
	assert_int_equal(extract->mounts[1].access, ACCESS_READ_WRITE);
	assert_int_equal(extract->resources.memory, 512 * MIB);
	assert_int_equal(extract->resources.cpu_milli, 1500);
	assert_int_equal(extract->resources.pids, 128);
	assert_int_equal(extract->endpoints[0].max_body, HTTP_BODY_DEFAULT_MAX);
	assert_int_equal(extract->endpoints[1].max_body, 64 * MIB);
	assert_true(extract->endpoints[1].http2);
	assert_string_equal(extract->toolchain, "bun");
	assert_string_equal(extract->capabilities[0].from_option, "gpu");
}

static void test_phases(void **state)
{
	const struct manifest_phase *phases = manifest_workload(everything, "extract")->phases;
	const struct manifest_phase *start = &phases[PHASE_START];
	const struct manifest_phase *of_store = manifest_workload(everything, "store")->phases;

	assert_true(phases[PHASE_PREPARE].present);
	assert_int_equal(phases[PHASE_PREPARE].network.kind, NETWORK_REGISTRIES);
	assert_int_equal(phases[PHASE_HYDRATE].network.kind, NETWORK_NONE);
	assert_int_equal(phases[PHASE_HYDRATE].n_argv, 3);
	assert_string_equal(phases[PHASE_HYDRATE].argv[2], "src/fetch model.ts");
	assert_null(phases[PHASE_HYDRATE].argv[3]);
	assert_int_equal(start->n_argv, 4);
	assert_string_equal(start->argv[3], "1");
	assert_null(start->argv[4]);
	assert_int_equal(start->network.kind, NETWORK_ALLOW);
	assert_string_equal(start->network.allow[0].name, "api.hubapi.com");
	assert_int_equal(start->network.allow[0].port, 443);
	assert_string_equal(start->network.allow[1].name, "*.example.org");
	assert_int_equal(start->network.allow[1].port, 8443);
	assert_int_equal(start->n_env, 4);
	assert_string_equal(start->env[1].name, "COUNT");
	assert_string_equal(start->env[1].value, "1.50");
	assert_string_equal(start->env[2].value, "");
	assert_string_equal(start->env[3].option, "model");
	assert_null(start->env[3].value);

	assert_false(of_store[PHASE_PREPARE].present);
	assert_int_equal(of_store[PHASE_HYDRATE].network.kind, NETWORK_FULL);
	assert_int_equal(of_store[PHASE_START].network.kind, NETWORK_FULL);
}

static void assert_route(const struct manifest_route *route, const char *path, const char *endpoint,
			 enum manifest_protocol protocol)
{
	assert_string_equal(route->public_path, path);
	assert_string_equal(route->endpoint, endpoint);
	assert_int_equal(route->protocol, protocol);
}

static void test_exposes(void **state)
{
	assert_int_equal(everything->n_exposes, 3);
	assert_true(everything->exposes[0].default_mcp);
	assert_string_equal(everything->exposes[0].allow_origins[0], "http://localhost:6274");
	assert_int_equal(everything->exposes[0].n_routes, 1);
	assert_route(&everything->exposes[0].routes[0], "/mcp", "/mcp", PROTOCOL_MCP);
	assert_int_equal(everything->exposes[1].n_routes, 2);
	assert_route(&everything->exposes[1].routes[0], "/http", "/http", PROTOCOL_HTTP);
	assert_route(&everything->exposes[1].routes[1], "/a2a", "/a2a", PROTOCOL_A2A);
	assert_route(&everything->exposes[2].routes[0], "/v1", "/oaic", PROTOCOL_UNKNOWN);
}

static void test_tests(void **state)
{
	const struct manifest_test *tests = everything->tests;

	assert_int_equal(everything->n_tests, 5);
	assert_string_equal(tests[0].exposed_path, "/mcp");
	assert_string_equal(tests[0].tool, "hello-world");
	assert_string_equal(tests[0].inputs, "{\"n\":1,\"list\":[\"a\",true]}");
	assert_string_equal(tests[0].verbose_output[0].steps[0].name, "text");
	assert_int_equal(tests[0].validations[0].validator, VALIDATE_EQ);
	assert_string_equal(tests[0].validations[0].argument, "\"hello world\"");
	assert_int_equal(tests[1].kind, TEST_EXEC);
	assert_string_equal(tests[1].workload, "extract");
	assert_null(tests[1].endpoint);
	assert_int_equal(tests[1].n_argv, 4);
	assert_int_equal(tests[2].kind, TEST_HTTP);
	assert_string_equal(tests[2].endpoint, "/http");
	assert_string_equal(tests[2].method, "POST");
	assert_string_equal(tests[2].path, "/makes-a-page?x=1");
	assert_string_equal(tests[2].body, "{\"pages\":1}");
	assert_true(tests[2].body_json);
	assert_string_equal(tests[2].headers[0].value, "1");
	assert_int_equal(tests[2].timeout_ms, 90000);
	assert_int_equal(tests[3].kind, TEST_MCP);
	assert_string_equal(tests[3].description, "an older one");
	assert_string_equal(tests[3].inputs, "{}");
	assert_string_equal(tests[4].method, "GET");
	assert_string_equal(tests[4].body, "a=b");
	assert_false(tests[4].body_json);
}

static void test_endpoint_names(void **state)
{
	struct manifest *manifest = parsed(
		HEAD "workloads:\n  a:\n    endpoints:\n    - { protocol: http, path: /x }\n"
		     "    - { protocol: oaic, path: /p }\n    - { protocol: oaic, path: /q }\n"
		     "    - { protocol: a2a, path: /mcp }\n    - { protocol: mcp, path: /m }\n"
		     "    - { protocol: mcp, path: /n }\n" RUNTIME);
	const struct manifest_workload *a = manifest_workload(manifest, "a");

	assert_string_equal(manifest_endpoint(a, "http")->path, "/x"); // the only one
	assert_string_equal(manifest_endpoint(a, "/q")->path, "/q");
	assert_null(manifest_endpoint(a, "oaic")); // two, none of them /oaic
	assert_null(manifest_endpoint(a, "mcp"));  // two; /mcp is there but of another protocol
	assert_null(manifest_endpoint(a, "/oaic"));
	assert_null(manifest_endpoint(a, ""));
	manifest_free(&manifest);
}

static void assert_accepts(const char *key, const char *value, bool expected)
{
	struct err err = {0};

	assert_int_equal(manifest_option_accepts(manifest_option(everything, key), value, &err),
			 expected);
	assert_int_equal(err.code, expected ? ERR_NONE : ERR_USAGE);
	if (!expected)
		assert_non_null(strstr(err.text, key));
}

static void test_option_values(void **state)
{
	assert_accepts("model", "", true);
	assert_accepts("threads", "8", true);
	assert_accepts("threads", "eight", false);
	assert_accepts("gpu", "cuda", true);
	assert_accepts("gpu", "metal", false);
	assert_accepts("verbose", "true", true);
	assert_accepts("verbose", "yes", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),	       cmocka_unit_test(test_dependencies),
		cmocka_unit_test(test_imports),	       cmocka_unit_test(test_connections),
		cmocka_unit_test(test_workload),       cmocka_unit_test(test_phases),
		cmocka_unit_test(test_exposes),	       cmocka_unit_test(test_tests),
		cmocka_unit_test(test_endpoint_names), cmocka_unit_test(test_option_values),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
