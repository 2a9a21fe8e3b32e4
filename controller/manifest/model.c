// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What one can do with a manifest once it is checked: look things up, name its values, and give it
 * back. Freeing goes by type, each function beside what it owns; none of them minds a half-built
 * object, since a manifest with errors is one.
 */
#include "controller/manifest/manifest.h"

#include "base/mem.h"
#include "base/text.h"
#include "controller/manifest/parse.h"
#include "controller/manifest/syntax.h"

#define FREE_EACH(owner, array, clear)                                                             \
	do {                                                                                       \
		for (size_t i_ = 0; i_ < (owner)->n_##array; i_++)                                 \
			clear(&(owner)->array[i_]);                                                \
		free((owner)->array);                                                              \
	} while (0)

/* ---- freeing ---- */

static void free_texts(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

static void option_clear(struct manifest_option *option)
{
	free(option->key);
	free(option->default_value);
	free(option->description);
	free_texts(option->enum_values, option->n_enum_values);
}

static void secret_clear(struct manifest_secret *secret)
{
	free(secret->key);
	free(secret->description);
}

static void host_mount_clear(struct manifest_host_mount *mount)
{
	free(mount->key);
	free(mount->usage);
}

static void setting_clear(struct manifest_setting *setting)
{
	free(setting->key);
	free(setting->value);
	free(setting->from_option);
}

static void binding_clear(struct manifest_binding *binding)
{
	free(binding->theirs);
	free(binding->ours);
}

static void dependency_clear(struct manifest_dependency *dependency)
{
	free(dependency->key);
	free(dependency->path);
	free(dependency->git);
	FREE_EACH(dependency, options, setting_clear);
	FREE_EACH(dependency, mount_bindings, binding_clear);
	FREE_EACH(dependency, secret_bindings, binding_clear);
}

void manifest_connection_clear(struct manifest_connection *connection)
{
	free(connection->workload);
	free_texts(connection->endpoints, connection->n_endpoints);
	free(connection->name);
	free(connection->host);
	free_texts(connection->methods, connection->n_methods);
	free_texts(connection->paths, connection->n_paths);
	free(connection->inject.header);
	free(connection->inject.value);
	free_texts(connection->inject.secrets, connection->inject.n_secrets);
}

static void mount_use_clear(struct manifest_mount_use *use)
{
	free(use->mount);
}

static void endpoint_clear(struct manifest_endpoint *endpoint)
{
	free(endpoint->path);
}

static void allow_clear(struct manifest_allow *allow)
{
	free(allow->name);
}

static void env_clear(struct manifest_env *env)
{
	free(env->name);
	free(env->value);
	free(env->option);
}

static void phase_clear(struct manifest_phase *phase)
{
	free_texts(phase->argv, phase->n_argv);
	FREE_EACH(&phase->network, allow, allow_clear);
	FREE_EACH(phase, env, env_clear);
}

static void capability_clear(struct manifest_capability *capability)
{
	free(capability->key);
	free(capability->value);
	free(capability->from_option);
}

static void workload_clear(struct manifest_workload *workload)
{
	free(workload->key);
	free(workload->root);
	free(workload->import.dependency);
	free(workload->import.exposed_path);
	FREE_EACH(workload, connections, manifest_connection_clear);
	free_texts(workload->secrets, workload->n_secrets);
	FREE_EACH(workload, mounts, mount_use_clear);
	FREE_EACH(workload, endpoints, endpoint_clear);
	free(workload->toolchain);
	for (size_t i = 0; i < PHASE_COUNT; i++)
		phase_clear(&workload->phases[i]);
	FREE_EACH(workload, capabilities, capability_clear);
}

static void route_clear(struct manifest_route *route)
{
	free(route->public_path);
	free(route->endpoint);
}

static void expose_clear(struct manifest_expose *expose)
{
	free(expose->path);
	free(expose->target);
	FREE_EACH(expose, routes, route_clear);
	free_texts(expose->allow_origins, expose->n_allow_origins);
}

void manifest_free(struct manifest **manifest)
{
	struct manifest *freed = *manifest;

	if (!freed)
		return;
	free(freed->name);
	free(freed->license);
	FREE_EACH(freed, options, option_clear);
	FREE_EACH(freed, secrets, secret_clear);
	FREE_EACH(freed, host_mounts, host_mount_clear);
	FREE_EACH(freed, dependencies, dependency_clear);
	FREE_EACH(freed, workloads, workload_clear);
	FREE_EACH(freed, exposes, expose_clear);
	manifest_tests_free(freed, 0);
	free(take_ptr(manifest));
}

/* ---- looking up ---- */

#define FIND_BY_KEY(owner, array, wanted)                                                          \
	do {                                                                                       \
		for (size_t i_ = 0; i_ < (owner)->n_##array; i_++) {                               \
			if (str_eq((owner)->array[i_].key, wanted))                                \
				return &(owner)->array[i_];                                        \
		}                                                                                  \
		return NULL;                                                                       \
	} while (0)

const struct manifest_workload *manifest_workload(const struct manifest *manifest, const char *key)
{
	FIND_BY_KEY(manifest, workloads, key);
}

const struct manifest_option *manifest_option(const struct manifest *manifest, const char *key)
{
	FIND_BY_KEY(manifest, options, key);
}

const struct manifest_secret *manifest_secret(const struct manifest *manifest, const char *key)
{
	FIND_BY_KEY(manifest, secrets, key);
}

const struct manifest_host_mount *manifest_host_mount(const struct manifest *manifest,
						      const char *key)
{
	FIND_BY_KEY(manifest, host_mounts, key);
}

const struct manifest_dependency *manifest_dependency(const struct manifest *manifest,
						      const char *key)
{
	FIND_BY_KEY(manifest, dependencies, key);
}

static const struct manifest_endpoint *endpoint_at(const struct manifest_workload *workload,
						   const char *path)
{
	for (size_t i = 0; i < workload->n_endpoints; i++) {
		if (str_eq(workload->endpoints[i].path, path))
			return &workload->endpoints[i];
	}
	return NULL;
}

static bool is_protocol_name(const char *name)
{
	return str_eq(name, "http") || str_eq(name, "mcp") || str_eq(name, "oaic") ||
	       str_eq(name, "a2a");
}

const struct manifest_endpoint *manifest_endpoint(const struct manifest_workload *workload,
						  const char *name)
{
	if (name[0] == '/')
		return endpoint_at(workload, name);
	if (workload->import.dependency) // one endpoint, whose protocol only the dependency knows
		return is_protocol_name(name) && workload->n_endpoints ? workload->endpoints : NULL;
	const struct manifest_endpoint *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < workload->n_endpoints; i++) {
		if (!str_eq(manifest_protocol_name(workload->endpoints[i].protocol), name))
			continue;
		found = &workload->endpoints[i];
		count++;
	}
	if (count < 2)
		return found;
	auto_free char *short_form = xasprintf("/%s", name);
	found = endpoint_at(workload, short_form);
	return found && str_eq(manifest_protocol_name(found->protocol), name) ? found : NULL;
}

/* ---- options ---- */

static bool refuse_value(const struct manifest_option *option, const char *value,
			 const char *expected, struct err *err)
{
	return err_set(err, ERR_USAGE, "option \"%s\" takes %s, not \"%.80s\"", option->key,
		       expected, value);
}

static bool accepts_enum(const struct manifest_option *option, const char *value, struct err *err)
{
	for (size_t i = 0; i < option->n_enum_values; i++) {
		if (str_eq(option->enum_values[i], value))
			return true;
	}
	auto_buf struct buf listed;
	buf_init(&listed, sizeof(err->text) / 2);
	for (size_t i = 0; i < option->n_enum_values; i++)
		buf_printf(&listed, "%s%s", i ? ", " : "one of ", option->enum_values[i]);
	auto_free char *expected = buf_take_str(&listed);
	return refuse_value(option, value, expected, err);
}

bool manifest_option_accepts(const struct manifest_option *option, const char *value,
			     struct err *err)
{
	switch (option->kind) {
	case OPTION_NUMBER:
		return syntax_is_number(value) || refuse_value(option, value, "a number", err);
	case OPTION_BOOLEAN:
		return str_eq(value, "true") || str_eq(value, "false") ||
		       refuse_value(option, value, "true or false", err);
	case OPTION_ENUM:
		return accepts_enum(option, value, err);
	case OPTION_STRING:
		return true;
	}
	return refuse_value(option, value, "nothing", err);
}

/* ---- names ---- */

#define NAME_OF(names, value)                                                                      \
	((size_t)(value) < array_len(names) && (names)[value] ? (names)[value] : "unknown")

const char *manifest_protocol_name(enum manifest_protocol protocol)
{
	static const char *const NAMES[] = {
		[PROTOCOL_HTTP] = "http",
		[PROTOCOL_MCP] = "mcp",
		[PROTOCOL_OAIC] = "oaic",
		[PROTOCOL_A2A] = "a2a",
	};
	return NAME_OF(NAMES, protocol);
}

const char *manifest_access_name(enum manifest_access access)
{
	return access == ACCESS_READ_WRITE ? "read_write" : "read_only";
}

const char *manifest_phase_text(enum manifest_phase_name phase)
{
	static const char *const NAMES[] = {
		[PHASE_PREPARE] = "prepare", [PHASE_HYDRATE] = "hydrate", [PHASE_START] = "start"};
	return NAME_OF(NAMES, phase);
}

const char *manifest_network_name(enum network_kind kind)
{
	static const char *const NAMES[] = {
		[NETWORK_NONE] = "none",
		[NETWORK_LOOPBACK] = "loopback",
		[NETWORK_REGISTRIES] = "registries",
		[NETWORK_ALLOW] = "allow",
		[NETWORK_FULL] = "full",
	};
	return NAME_OF(NAMES, kind);
}
