// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A Kit for people who decide whether to run it. Each line is put together as the manifest has it
 * and escaped as a whole, so nothing that a stranger wrote there reaches the terminal otherwise.
 */
#include "controller/cli/inspect.h"

#include <inttypes.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/cli/term.h"

#define LINE_MAX_BYTES (64 * KIB)
#define LABEL_WIDTH 12

struct view {
	struct buf *out;
	bool colour;
	unsigned indent;
	struct buf line;   // what the next row says
	const char *label; // of the last row: repeated ones are left out
};

static void begin(struct view *view, enum term_style style, const char *text)
{
	for (unsigned i = 0; i < view->indent; i++)
		(void)buf_append_str(view->out, "  ");
	term_append(view->out, view->colour, style, text);
}

/* A row of what view->line holds, which is then empty. */
static void row(struct view *view, const char *label)
{
	auto_free char *text = buf_take_str(&view->line);
	begin(view, TERM_PLAIN, "  ");
	term_append_cell(view->out, view->colour, TERM_DIM,
			 view->label && str_eq(view->label, label) ? "" : label, LABEL_WIDTH);
	term_append(view->out, false, TERM_PLAIN, text);
	(void)buf_append_str(view->out, "\n");
	view->label = label;
}

static void heading(struct view *view)
{
	auto_free char *text = buf_take_str(&view->line);
	begin(view, TERM_BOLD, text);
	(void)buf_append_str(view->out, "\n");
	view->label = NULL;
}

#define say(view, ...) ((void)buf_printf(&(view)->line, __VA_ARGS__))

static void list(struct view *view, const char *before, char *const *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		say(view, "%s%s", i ? ", " : before, items[i]);
}

static void describe(struct view *view, const char *text)
{
	if (text && *text)
		say(view, ": %s", text);
}

/* ---- what it asks for ---- */

static void view_option(struct view *view, const struct manifest_option *option)
{
	static const char *const kinds[] = {
		[OPTION_STRING] = "text",
		[OPTION_NUMBER] = "number",
		[OPTION_ENUM] = "one of ",
		[OPTION_BOOLEAN] = "true or false",
	};
	say(view, "%s (%s", option->key, kinds[option->kind]);
	list(view, "", option->enum_values, option->n_enum_values);
	if (option->default_value)
		say(view, "; %s unless given)",
		    *option->default_value ? option->default_value : "empty");
	else
		say(view, "; has to be given)");
	describe(view, option->description);
	row(view, "option");
}

static void view_asks(struct view *view, const struct manifest *manifest)
{
	if (manifest->n_options + manifest->n_secrets + manifest->n_host_mounts == 0)
		return;
	say(view, "asks for");
	heading(view);
	for (size_t i = 0; i < manifest->n_options; i++)
		view_option(view, &manifest->options[i]);
	for (size_t i = 0; i < manifest->n_secrets; i++) {
		const struct manifest_secret *secret = &manifest->secrets[i];
		say(view, "%s (%s)", secret->key, secret->required ? "required" : "optional");
		describe(view, secret->description);
		row(view, "secret");
	}
	for (size_t i = 0; i < manifest->n_host_mounts; i++) {
		const struct manifest_host_mount *mount = &manifest->host_mounts[i];
		say(view, "%s (%s)", mount->key, manifest_access_name(mount->access));
		describe(view, mount->usage);
		row(view, "folder");
	}
}

/* ---- what it exposes ---- */

static void view_expose(struct view *view, const struct manifest_expose *expose)
{
	for (size_t i = 0; i < expose->n_routes; i++) {
		const struct manifest_route *route = &expose->routes[i];
		say(view, "%s is %s%s of %s", route->public_path,
		    route->protocol == PROTOCOL_UNKNOWN ? ""
							: manifest_protocol_name(route->protocol),
		    route->protocol == PROTOCOL_UNKNOWN ? "what is imported" : "", expose->target);
		if (expose->default_mcp)
			say(view, ", the default for MCP clients");
		list(view, ", open to pages of ", expose->allow_origins, expose->n_allow_origins);
		row(view, "path");
	}
}

static void view_exposes(struct view *view, const struct manifest *manifest)
{
	if (manifest->n_exposes == 0)
		return;
	say(view, "exposes to programs of this user");
	heading(view);
	for (size_t i = 0; i < manifest->n_exposes; i++)
		view_expose(view, &manifest->exposes[i]);
}

/* ---- workloads ---- */

static void say_command(struct view *view, const struct manifest_phase *phase)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "%+,-./:=@_";
	for (size_t i = 0; i < phase->n_argv; i++) {
		const char *word = phase->argv[i];
		bool quote = !*word || word[strspn(word, plain)];
		say(view, "%s%s%s%s", i ? " " : "", quote ? "'" : "", word, quote ? "'" : "");
	}
}

static void say_network(struct view *view, const struct manifest_network *network)
{
	static const char *const texts[] = {
		[NETWORK_NONE] = "none",
		[NETWORK_LOOPBACK] = "127.0.0.1 inside of its sandbox only",
		[NETWORK_REGISTRIES] = "package registries only",
		[NETWORK_ALLOW] = "only ",
		[NETWORK_FULL] = "every public host",
	};
	say(view, "%s", texts[network->kind]);
	for (size_t i = 0; i < network->n_allow; i++)
		say(view, "%s%s:%u", i ? ", " : "", network->allow[i].name, network->allow[i].port);
}

static void view_phase(struct view *view, const struct manifest_phase *phase, const char *name)
{
	say_command(view, phase);
	row(view, name);
	say_network(view, &phase->network);
	row(view, "  network");
	for (size_t i = 0; i < phase->n_env; i++) {
		const struct manifest_env *env = &phase->env[i];
		if (env->option)
			say(view, "%s from the option %s", env->name, env->option);
		else
			say(view, "%s=%s", env->name, env->value);
		row(view, "  variable");
	}
}

static void view_connection(struct view *view, const struct manifest_connection *connection)
{
	if (!connection->host) {
		say(view, "%s", connection->workload);
		list(view, " at ", connection->endpoints, connection->n_endpoints);
		row(view, "calls");
		return;
	}
	say(view, "the host %s:%u as %s", connection->host, connection->port, connection->name);
	list(view, ", only ", connection->methods, connection->n_methods);
	list(view, ", only below ", connection->paths, connection->n_paths);
	if (connection->inject.header)
		say(view, ", with the header %s: %s", connection->inject.header,
		    connection->inject.value);
	row(view, "calls");
}

static void view_limits(struct view *view, const struct manifest_resources *limits)
{
	if (limits->memory)
		say(view, "%" PRIu64 " MiB of memory", (uint64_t)(limits->memory / MIB));
	if (limits->cpu_milli)
		say(view, "%s%u.%03u CPUs", buf_len(&view->line) ? ", " : "",
		    limits->cpu_milli / 1000, limits->cpu_milli % 1000);
	if (limits->pids)
		say(view, "%s%u processes", buf_len(&view->line) ? ", " : "", limits->pids);
	if (buf_len(&view->line))
		row(view, "limits");
}

static void view_endpoint(struct view *view, const struct manifest_endpoint *endpoint)
{
	say(view, "%s at %s", manifest_protocol_name(endpoint->protocol), endpoint->path);
	if (endpoint->http2)
		say(view, ", HTTP/2");
	row(view, "serves");
}

static void view_rights(struct view *view, const struct manifest_workload *workload)
{
	for (size_t i = 0; i < workload->n_endpoints; i++)
		view_endpoint(view, &workload->endpoints[i]);
	for (size_t i = 0; i < workload->n_connections; i++)
		view_connection(view, &workload->connections[i]);
	for (size_t i = 0; i < workload->n_secrets; i++) {
		say(view, "%s", workload->secrets[i]);
		row(view, "reads");
	}
	for (size_t i = 0; i < workload->n_mounts; i++) {
		say(view, "%s (%s)", workload->mounts[i].mount,
		    manifest_access_name(workload->mounts[i].access));
		row(view, "folder");
	}
	for (size_t i = 0; i < workload->n_capabilities; i++) {
		const struct manifest_capability *wish = &workload->capabilities[i];
		say(view, "%s: %s%s", wish->key, wish->value ? "" : "as the option ",
		    wish->value ? wish->value : wish->from_option);
		row(view, "wishes");
	}
	view_limits(view, &workload->resources);
}

static void view_workload(struct view *view, const struct manifest_workload *workload)
{
	say(view, "workload %s", workload->key);
	heading(view);
	if (workload->import.dependency) {
		say(view, "what the dependency %s exposes at %s", workload->import.dependency,
		    workload->import.exposed_path);
		row(view, "is");
		return;
	}
	for (int phase = 0; phase < PHASE_COUNT; phase++)
		if (workload->phases[phase].present)
			view_phase(view, &workload->phases[phase],
				   manifest_phase_text((enum manifest_phase_name)phase));
	view_rights(view, workload);
}

/* ---- dependencies ---- */

static void view_bindings(struct view *view, const char *label, const char *what,
			  const struct manifest_binding *bindings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		say(view, "its %s %s is %s here", what, bindings[i].theirs, bindings[i].ours);
		row(view, label);
	}
}

static void view_kit(struct view *view, const struct inspected *kit);

static void view_dependency(struct view *view, const struct manifest_dependency *dependency,
			    const struct inspected *kit)
{
	say(view, "dependency %s", dependency->key);
	heading(view);
	say(view, "%s", dependency->path ? dependency->path : dependency->git);
	row(view, "from");
	for (size_t i = 0; i < dependency->n_options; i++) {
		const struct manifest_setting *setting = &dependency->options[i];
		say(view, "its option %s is %s%s", setting->key,
		    setting->value ? "" : "the option ",
		    setting->value ? setting->value : setting->from_option);
		row(view, "given");
	}
	view_bindings(view, "given", "folder", dependency->mount_bindings,
		      dependency->n_mount_bindings);
	view_bindings(view, "given", "secret", dependency->secret_bindings,
		      dependency->n_secret_bindings);
	if (!kit)
		return;
	view->indent += 2;
	view_kit(view, kit);
	view->indent -= 2;
}

/* ---- the Kit ---- */

static const char *source_text(const struct inspected *kit)
{
	return kit->source.name ? kit->source.name : "";
}

static void view_kit(struct view *view, const struct inspected *kit)
{
	const struct manifest *manifest = kit->manifest;
	if (!manifest) {
		say(view, "it could not be read: %s", kit->failure.text);
		row(view, "unknown");
		return;
	}
	say(view, "Kit [%s]", manifest->name);
	heading(view);
	say(view, "%s", source_text(kit));
	row(view, "from");
	say(view, "%s", kit->identity);
	row(view, "identity");
	if (manifest->license) {
		say(view, "%s", manifest->license);
		row(view, "licence");
	}
	if (manifest->n_tests) {
		say(view, "%zu", manifest->n_tests);
		row(view, "tests");
	}
	view_asks(view, manifest);
	view_exposes(view, manifest);
	for (size_t i = 0; i < manifest->n_workloads; i++)
		view_workload(view, &manifest->workloads[i]);
	for (size_t i = 0; i < manifest->n_dependencies; i++)
		view_dependency(view, &manifest->dependencies[i],
				kit->dependencies ? &kit->dependencies[i] : NULL);
}

void inspect_view(struct buf *out, bool colour, const struct inspected *kit)
{
	struct view view = {.out = out, .colour = colour, .line = {.max = LINE_MAX_BYTES}};
	view_kit(&view, kit);
	buf_free(&view.line);
}
