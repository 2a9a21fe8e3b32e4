// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A Kit for machines: a public interface (`capakit schema kit-inspect`). Keys are added, never
 * renamed; what a manifest does not say is null, or the default that holds.
 */
#include "controller/cli/inspect.h"

#include "base/mem.h"
#include "controller/cli/json_out.h"

static json_t *texts(char *const *list, size_t count)
{
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(array, json_escaped(list[i]));
	return array;
}

/* An array of what `make` makes of each item; for the arrays of a manifest. */
#define array_of(list, count, make)                                                                \
	({                                                                                         \
		json_t *array_ = json_array();                                                     \
		for (size_t i_ = 0; i_ < (count); i_++)                                            \
			(void)json_array_append_new(array_, make(&(list)[i_]));                    \
		array_;                                                                            \
	})

/* ---- what it asks for ---- */

static json_t *option_json(const struct manifest_option *option)
{
	static const char *const kinds[] = {
		[OPTION_STRING] = "string",
		[OPTION_NUMBER] = "number",
		[OPTION_ENUM] = "enum",
		[OPTION_BOOLEAN] = "boolean",
	};
	json_t *object = json_object();
	json_put(object, "key", json_escaped(option->key));
	json_put(object, "kind", json_string(kinds[option->kind]));
	json_put(object, "default", json_escaped(option->default_value));
	json_put(object, "enum_values", texts(option->enum_values, option->n_enum_values));
	json_put(object, "description", json_escaped(option->description));
	return object;
}

static json_t *secret_json(const struct manifest_secret *secret)
{
	json_t *object = json_object();
	json_put(object, "key", json_escaped(secret->key));
	json_put(object, "required", json_boolean(secret->required));
	json_put(object, "description", json_escaped(secret->description));
	return object;
}

static json_t *host_mount_json(const struct manifest_host_mount *mount)
{
	json_t *object = json_object();
	json_put(object, "key", json_escaped(mount->key));
	json_put(object, "access", json_string(manifest_access_name(mount->access)));
	json_put(object, "usage", json_escaped(mount->usage));
	return object;
}

/* ---- workloads ---- */

static json_t *endpoint_json(const struct manifest_endpoint *endpoint)
{
	json_t *object = json_object();
	json_put(object, "protocol", json_string(manifest_protocol_name(endpoint->protocol)));
	json_put(object, "path", json_escaped(endpoint->path));
	json_put(object, "http2", json_boolean(endpoint->http2));
	json_put(object, "max_body", json_integer((json_int_t)endpoint->max_body));
	return object;
}

static json_t *connection_json(const struct manifest_connection *connection)
{
	json_t *object = json_object();
	json_put(object, "workload", json_escaped(connection->workload));
	json_put(object, "endpoints", texts(connection->endpoints, connection->n_endpoints));
	json_put(object, "name", json_escaped(connection->name));
	json_put(object, "host", json_escaped(connection->host));
	json_put(object, "port", connection->host ? json_integer(connection->port) : NULL);
	json_put(object, "methods", texts(connection->methods, connection->n_methods));
	json_put(object, "paths", texts(connection->paths, connection->n_paths));
	json_put(object, "inject_header", json_escaped(connection->inject.header));
	json_put(object, "inject_secrets",
		 texts(connection->inject.secrets, connection->inject.n_secrets));
	return object;
}

static json_t *mount_json(const struct manifest_mount_use *mount)
{
	json_t *object = json_object();
	json_put(object, "key", json_escaped(mount->mount));
	json_put(object, "access", json_string(manifest_access_name(mount->access)));
	return object;
}

static json_t *allow_json(const struct manifest_allow *allow)
{
	json_t *object = json_object();
	json_put(object, "host", json_escaped(allow->name));
	json_put(object, "port", json_integer(allow->port));
	return object;
}

static json_t *env_json(const struct manifest_env *env)
{
	json_t *object = json_object();
	json_put(object, "name", json_escaped(env->name));
	json_put(object, "value", json_escaped(env->value));
	json_put(object, "from_option", json_escaped(env->option));
	return object;
}

static json_t *phase_json(const struct manifest_phase *phase)
{
	json_t *object = json_object();
	json_put(object, "command", texts(phase->argv, phase->n_argv));
	json_put(object, "network", json_string(manifest_network_name(phase->network.kind)));
	json_put(object, "allow",
		 array_of(phase->network.allow, phase->network.n_allow, allow_json));
	json_put(object, "env", array_of(phase->env, phase->n_env, env_json));
	return object;
}

static json_t *capability_json(const struct manifest_capability *capability)
{
	json_t *object = json_object();
	json_put(object, "key", json_escaped(capability->key));
	json_put(object, "value", json_escaped(capability->value));
	json_put(object, "from_option", json_escaped(capability->from_option));
	return object;
}

static json_t *number_or_null(uint64_t number)
{
	return number ? json_integer((json_int_t)number) : NULL;
}

static json_t *resources_json(const struct manifest_resources *resources)
{
	json_t *object = json_object();
	json_put(object, "memory", number_or_null(resources->memory));
	json_put(object, "cpus",
		 resources->cpu_milli ? json_real(resources->cpu_milli / 1000.0) : NULL);
	json_put(object, "pids", number_or_null(resources->pids));
	return object;
}

static json_t *import_json(const struct manifest_import *import)
{
	if (!import->dependency)
		return NULL;
	json_t *object = json_object();
	json_put(object, "dependency", json_escaped(import->dependency));
	json_put(object, "exposed_path", json_escaped(import->exposed_path));
	return object;
}

static json_t *workload_json(const struct manifest_workload *workload)
{
	json_t *object = json_object(), *phases = json_object();
	for (int phase = 0; phase < PHASE_COUNT; phase++)
		json_put(phases, manifest_phase_text((enum manifest_phase_name)phase),
			 workload->phases[phase].present ? phase_json(&workload->phases[phase])
							 : NULL);
	json_put(object, "key", json_escaped(workload->key));
	json_put(object, "import", import_json(&workload->import));
	json_put(object, "root", json_escaped(workload->root));
	json_put(object, "toolchain", json_escaped(workload->toolchain));
	json_put(object, "phases", phases);
	json_put(object, "endpoints",
		 array_of(workload->endpoints, workload->n_endpoints, endpoint_json));
	json_put(object, "connections",
		 array_of(workload->connections, workload->n_connections, connection_json));
	json_put(object, "secrets", texts(workload->secrets, workload->n_secrets));
	json_put(object, "mounts", array_of(workload->mounts, workload->n_mounts, mount_json));
	json_put(object, "capabilities",
		 array_of(workload->capabilities, workload->n_capabilities, capability_json));
	json_put(object, "resources", resources_json(&workload->resources));
	return object;
}

/* ---- the rest ---- */

static json_t *expose_json(const struct manifest_expose *expose)
{
	json_t *object = json_object(), *routes = json_array();
	for (size_t i = 0; i < expose->n_routes; i++) {
		const struct manifest_route *route = &expose->routes[i];
		json_t *entry = json_object();
		json_put(entry, "path", json_escaped(route->public_path));
		json_put(entry, "protocol", json_string(manifest_protocol_name(route->protocol)));
		json_put(entry, "endpoint", json_escaped(route->endpoint));
		(void)json_array_append_new(routes, entry);
	}
	json_put(object, "workload", json_escaped(expose->target));
	json_put(object, "routes", routes);
	json_put(object, "default_mcp", json_boolean(expose->default_mcp));
	json_put(object, "allow_origins", texts(expose->allow_origins, expose->n_allow_origins));
	return object;
}

static json_t *test_json(const struct manifest_test *test)
{
	static const char *const kinds[] = {
		[TEST_MCP] = "mcp", [TEST_HTTP] = "http", [TEST_EXEC] = "exec"};
	json_t *object = json_object();
	json_put(object, "id", json_escaped(test->id));
	json_put(object, "kind", json_string(kinds[test->kind]));
	json_put(object, "description", json_escaped(test->description));
	return object;
}

static json_t *setting_json(const struct manifest_setting *setting)
{
	json_t *object = json_object();
	json_put(object, "key", json_escaped(setting->key));
	json_put(object, "value", json_escaped(setting->value));
	json_put(object, "from_option", json_escaped(setting->from_option));
	return object;
}

static json_t *binding_json(const struct manifest_binding *binding)
{
	json_t *object = json_object();
	json_put(object, "theirs", json_escaped(binding->theirs));
	json_put(object, "ours", json_escaped(binding->ours));
	return object;
}

static json_t *dependency_json(const struct manifest_dependency *dependency,
			       const struct inspected *kit)
{
	json_t *object = json_object();
	json_put(object, "key", json_escaped(dependency->key));
	json_put(object, "path", json_escaped(dependency->path));
	json_put(object, "git", json_escaped(dependency->git));
	json_put(object, "options",
		 array_of(dependency->options, dependency->n_options, setting_json));
	json_put(object, "mount_bindings",
		 array_of(dependency->mount_bindings, dependency->n_mount_bindings, binding_json));
	json_put(
		object, "secret_bindings",
		array_of(dependency->secret_bindings, dependency->n_secret_bindings, binding_json));
	json_put(object, "kit", kit && kit->manifest ? inspect_json(kit) : NULL);
	json_put(object, "failure", json_escaped(kit && !kit->manifest ? kit->failure.text : NULL));
	return object;
}

static json_t *dependencies_json(const struct inspected *kit)
{
	json_t *array = json_array();
	for (size_t i = 0; i < kit->manifest->n_dependencies; i++)
		(void)json_array_append_new(
			array, dependency_json(&kit->manifest->dependencies[i],
					       kit->dependencies ? &kit->dependencies[i] : NULL));
	return array;
}

json_t *inspect_json(const struct inspected *kit)
{
	static const char *const kinds[] = {
		[KIT_SOURCE_FOLDER] = "folder",
		[KIT_SOURCE_GIT] = "git",
		[KIT_SOURCE_ARCHIVE] = "archive",
	};
	const struct manifest *manifest = kit->manifest;
	json_t *object = json_object();
	json_put(object, "name", json_escaped(manifest->name));
	json_put(object, "license", json_escaped(manifest->license));
	json_put(object, "identity", json_escaped(kit->identity));
	json_put(object, "source_kind", json_string(kinds[kit->source.kind]));
	json_put(object, "source", json_escaped(kit->source.name));
	json_put(object, "options", array_of(manifest->options, manifest->n_options, option_json));
	json_put(object, "secrets", array_of(manifest->secrets, manifest->n_secrets, secret_json));
	json_put(object, "host_mounts",
		 array_of(manifest->host_mounts, manifest->n_host_mounts, host_mount_json));
	json_put(object, "exposes", array_of(manifest->exposes, manifest->n_exposes, expose_json));
	json_put(object, "workloads",
		 array_of(manifest->workloads, manifest->n_workloads, workload_json));
	json_put(object, "dependencies", dependencies_json(kit));
	json_put(object, "tests", array_of(manifest->tests, manifest->n_tests, test_json));
	return object;
}
