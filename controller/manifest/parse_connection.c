// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a workload may call. Each connection becomes a right that nothing else in the app has, so
 * what it names must be there, once, and not be the workload itself.
 */
#include "controller/manifest/parse.h"

#include <ctype.h>
#include <stddef.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "controller/manifest/syntax.h"

#define RETRIES_MAX 10
#define CONCURRENT_MAX 65535
#define HTTPS_PORT 443

struct reader { // what the readers of a connection fill in and look at
	struct manifest_connection connection;
	const struct manifest_workload *target; // for a connection to a workload
};

/* ---- both kinds ---- */

static void read_retries(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_connection *connection = out;
	uint64_t retries;

	if (!take_number(parse, value, 0, RETRIES_MAX, &retries))
		return;
	connection->has_retries = true;
	connection->retries = (unsigned)retries;
}

static void read_max_concurrent(struct parse *parse, const struct yaml_node *value, void *out)
{
	uint64_t number;

	if (take_number(parse, value, 1, CONCURRENT_MAX, &number))
		*(unsigned *)out = (unsigned)number;
}

/* The keys that connections of both kinds have. */
#define POLICY_FIELDS                                                                              \
	{"timeout", read_duration, offsetof(struct reader, connection.timeout_ms), false,          \
	 "until the response begins, such as 60s"},                                                \
		{"idle_timeout", read_duration,                                                    \
		 offsetof(struct reader, connection.idle_timeout_ms), false,                       \
		 "the longest silence in both directions, such as 5m"},                             \
		{"retries", read_retries, offsetof(struct reader, connection), false,              \
		 "repetitions of what is safe to repeat, 0 to 10"},                                \
	{                                                                                          \
		"max_concurrent", read_max_concurrent,                                             \
			offsetof(struct reader, connection.max_concurrent), false,                 \
			"requests at once; further ones wait or are refused"                       \
	}

/* ---- to a workload ---- */

static void read_target(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct reader *reader = out;

	reader->target = take_workload(parse, value);
	if (reader->target)
		reader->connection.workload = xstrdup(reader->target->key);
}

static void read_target_endpoints(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct reader *reader = out;
	struct manifest_connection *connection = &reader->connection;

	if (!expect(parse, value, YAML_LIST, "a list of endpoints"))
		return;
	if (!value->first)
		report(parse, value->at, NULL,
		       "a connection without endpoints reaches nothing; name one or leave the key "
		       "out "
		       "for all");
	each_child(child, value)
	{
		const struct manifest_endpoint *endpoint =
			reader->target ? take_endpoint(parse, child, reader->target) : NULL;
		if (!endpoint)
			continue;
		if (has_text(connection->endpoints, connection->n_endpoints, endpoint->path))
			report(parse, child->at, NULL, "the endpoint \"%s\" is named twice",
			       endpoint->path);
		else
			append_text(&connection->endpoints, &connection->n_endpoints,
				    endpoint->path);
	}
}

static const struct field CONNECTION_FIELDS[] = {
	{"workload", read_target, 0, true, "the name of another workload"},
	{"endpoints", read_target_endpoints, 0, false,
	 "those of its endpoints that may be called (default all)"},
	POLICY_FIELDS,
};
const struct mapping CONNECTION_MAPPING = MAPPING("a connection to a workload", CONNECTION_FIELDS);

static void connect_all(struct reader *reader)
{
	struct manifest_connection *connection = &reader->connection;

	for (size_t i = 0; i < reader->target->n_endpoints; i++)
		append_text(&connection->endpoints, &connection->n_endpoints,
			    reader->target->endpoints[i].path);
}

static void read_workload_connection(struct parse *parse, const struct yaml_node *value,
				     struct reader *reader)
{
	if (value->kind == YAML_MAPPING)
		read_mapping(parse, value, &CONNECTION_MAPPING, reader);
	else
		read_target(parse, value, reader);
	if (!reader->target)
		return;
	if (!yaml_get(value, "endpoints"))
		connect_all(reader);
}

/* ---- to a host outside ---- */

static void read_name(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *name = take_text(parse, value, "a name");

	if (!name)
		return;
	if (!text_is_key(name))
		report(parse, value->at, NULL,
		       "\"%s\" cannot be a connection's name: lower-case letters, digits, \"-\" "
		       "and "
		       "\"_\", a letter first",
		       excerpt(name).text);
	else if (manifest_workload(parse->manifest, name))
		report(parse, value->at, NULL,
		       "the name \"%s\" is taken: there is a workload of this name", name);
	else
		put_text(out, name);
}

static void read_host(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *host = take_text(parse, value, "a host name");

	if (!host)
		return;
	if (!syntax_is_host_name(host)) {
		report(parse, value->at, NULL,
		       "\"%s\" cannot be a host: it has to be a name such as api.example.org; the "
		       "port "
		       "stands under \"port\"",
		       excerpt(host).text);
		return;
	}
	char *copy = xstrdup(host);
	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	*(char **)out = copy;
}

static void read_port(struct parse *parse, const struct yaml_node *value, void *out)
{
	uint64_t port;

	if (take_number(parse, value, 1, UINT16_MAX, &port))
		*(uint16_t *)out = (uint16_t)port;
}

static bool is_method(const char *text)
{
	return syntax_is_token(text) && !strpbrk(text, "abcdefghijklmnopqrstuvwxyz");
}

static void read_methods(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_connection *connection = out;

	if (!expect(parse, value, YAML_LIST, "a list of methods such as [GET, POST]"))
		return;
	if (!value->first)
		report(parse, value->at, NULL, "no method is left; leave the key out to allow any");
	each_child(child, value)
	{
		const char *method = take_text(parse, child, "a method such as GET");

		if (method && !is_method(method))
			report(parse, child->at, NULL,
			       "\"%s\" is no HTTP method; they are upper-case words such as GET",
			       excerpt(method).text);
		else if (method)
			append_text(&connection->methods, &connection->n_methods, method);
	}
}

static void read_paths(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_connection *connection = out;

	if (!expect(parse, value, YAML_LIST, "a list of paths such as [/v1/*]"))
		return;
	if (!value->first)
		report(parse, value->at, NULL, "no path is left; leave the key out to allow any");
	each_child(child, value)
	{
		const char *path = take_text(parse, child, "a path such as /v1/*");
		const char *fault = path ? syntax_pattern_fault(path) : NULL;

		if (fault)
			report(parse, child->at, NULL, "\"%s\" cannot be a path: %s",
			       excerpt(path).text, fault);
		else if (path)
			append_text(&connection->paths, &connection->n_paths, path);
	}
}

/* ---- inject ---- */

static void read_inject_header(struct parse *parse, const struct yaml_node *value, void *out)
{
	static const char *const REFUSED[] = {
		"host",	   "connection", "content-length", "transfer-encoding",
		"upgrade", "te",	 "trailer"};
	const char *name = take_text(parse, value, "a header's name");

	if (!name)
		return;
	if (!syntax_is_token(name)) {
		report(parse, value->at, NULL, "\"%s\" is no header's name", excerpt(name).text);
		return;
	}
	for (size_t i = 0; i < array_len(REFUSED); i++) {
		if (strcasecmp(name, REFUSED[i]) == 0) {
			report(parse, value->at, NULL,
			       "the header \"%s\" belongs to the connection and cannot be injected",
			       name);
			return;
		}
	}
	put_text(out, name);
}

/* One ${name} in the template; *at is moved behind it. False after an error. */
static bool take_placeholder(struct parse *parse, const struct yaml_node *value, const char **at,
			     struct manifest_inject *inject)
{
	const char *begin = *at + 2;
	const char *end = strchr(begin, '}');

	if (!end) {
		report(parse, value->at, NULL, "\"${\" has no \"}\"");
		return false;
	}
	auto_free char *name = xstrndup(begin, (size_t)(end - begin));
	struct yaml_node named = {.kind = YAML_SCALAR, .at = value->at, .text = name};

	*at = end + 1;
	if (!take_secret(parse, &named))
		return false;
	if (!has_text(inject->secrets, inject->n_secrets, name))
		append_text(&inject->secrets, &inject->n_secrets, name);
	return true;
}

static void read_inject_value(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_inject *inject = out;
	const char *text = take_text(parse, value, "a value such as \"Bearer ${token}\"");

	if (!text)
		return;
	if (!syntax_is_header_value(text)) {
		report(parse, value->at, NULL, "a header's value cannot hold control characters");
		return;
	}
	for (const char *at = strstr(text, "${"); at; at = strstr(at, "${")) {
		if (!take_placeholder(parse, value, &at, inject))
			return;
	}
	inject->value = xstrdup(text);
}

static const struct field INJECT_FIELDS[] = {
	{"header", read_inject_header, offsetof(struct manifest_inject, header), true,
	 "the header that is set, in place of the workload's own"},
	{"value", read_inject_value, 0, true, "its value; ${name} stands for a secret"},
};
const struct mapping INJECT_MAPPING = MAPPING("an injected header", INJECT_FIELDS);

static void read_inject(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_inject *inject = out;

	inject->at = value->at;
	read_mapping(parse, value, &INJECT_MAPPING, inject);
}

static const struct field HOST_FIELDS[] = {
	{"name", read_name, offsetof(struct reader, connection.name), true,
	 "what the workload calls it by"},
	{"host", read_host, offsetof(struct reader, connection.host), true, "its host name"},
	{"port", read_port, offsetof(struct reader, connection.port), false, "default 443"},
	{"methods", read_methods, offsetof(struct reader, connection), false,
	 "the methods that may be used (default any)"},
	{"paths", read_paths, offsetof(struct reader, connection), false,
	 "the paths that may be used (default any); \"/crm/*\" is all that begins with \"/crm/\""},
	{"inject", read_inject, offsetof(struct reader, connection.inject), false,
	 "a header that the sidecar sets, so that the workload never holds the secret"},
	POLICY_FIELDS,
};
const struct mapping HOST_MAPPING = MAPPING("a connection to a host", HOST_FIELDS);

/* ---- the list ---- */

static bool is_host_form(const struct yaml_node *value)
{
	return yaml_get(value, "host") || yaml_get(value, "name");
}

static const char *called(const struct manifest_connection *connection)
{
	return connection->workload ? connection->workload : connection->name;
}

/* True when the workload may have this connection too. */
static bool check_connection(struct parse *parse, const struct yaml_node *value,
			     const struct manifest_workload *workload,
			     const struct manifest_connection *connection)
{
	if (str_eq(connection->workload, workload->key)) {
		report(parse, value->at, NULL,
		       "the workload \"%s\" cannot be connected to itself; it can call itself "
		       "without "
		       "a connection",
		       workload->key);
		return false;
	}
	const struct manifest_workload *target =
		connection->workload ? manifest_workload(parse->manifest, connection->workload)
				     : NULL;
	if (target && !target->n_endpoints)
		report(parse, value->at, NULL,
		       "the workload \"%s\" has no endpoints, so there is nothing to connect to",
		       target->key);
	for (size_t i = 0; i < workload->n_connections; i++) {
		const struct manifest_connection *other = &workload->connections[i];

		if (!str_eq(called(other), called(connection)))
			continue;
		report(parse, value->at, NULL,
		       "the connection to \"%s\" is given twice, first in line %u", called(other),
		       other->at.line);
		return false;
	}
	return true;
}

static void read_connection(struct parse *parse, const struct yaml_node *value,
			    struct manifest_workload *workload)
{
	struct reader reader = {.connection = {.at = value->at}};
	struct manifest_connection *connection = &reader.connection;

	if (is_host_form(value)) {
		connection->port = HTTPS_PORT;
		read_mapping(parse, value, &HOST_MAPPING, &reader);
	} else if (value->kind != YAML_BROKEN) {
		read_workload_connection(parse, value, &reader);
	}
	if (called(connection) && check_connection(parse, value, workload, connection))
		*APPEND(workload, connections) = *connection;
	else
		manifest_connection_clear(connection);
}

void read_connections(struct parse *parse, const struct yaml_node *value, void *out)
{
	if (!expect(parse, value, YAML_LIST, "a list of connections"))
		return;
	each_child(child, value) read_connection(parse, child, out);
}

void read_all_connections(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest *manifest = out;

	for (size_t i = 0; i < manifest->n_workloads; i++) {
		struct manifest_workload *workload = &manifest->workloads[i];
		const struct yaml_node *node = yaml_get(value, workload->key);
		const struct yaml_node *connections = node ? yaml_get(node, "connections") : NULL;

		if (connections)
			read_connections(parse, connections, workload);
	}
}
