// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What the host sees. Every entry becomes its routes, one public path and one endpoint each, so
 * that two entries that would answer at the same path are found here and not by a request.
 */
#include "controller/manifest/parse.h"

#include <ctype.h>
#include <stddef.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/manifest/syntax.h"

struct reader {
	struct manifest_expose *expose;
	const struct manifest_workload *target;
	const struct manifest_endpoint *endpoints[MANIFEST_ITEMS_MAX];
	struct location places[MANIFEST_ITEMS_MAX];
	size_t count;
};

static void read_public_path(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct reader *reader = out;
	read_path(parse, value, &reader->expose->path);
}

static void read_target(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct reader *reader = out;

	reader->target = take_workload(parse, value);
	if (!reader->target)
		return;
	reader->expose->target = xstrdup(reader->target->key);
	if (!reader->target->n_endpoints)
		report(parse, value->at, NULL,
		       "the workload \"%s\" has no endpoints, so there is nothing to expose",
		       reader->target->key);
}

static bool has_endpoint(const struct reader *reader, const struct manifest_endpoint *endpoint)
{
	for (size_t i = 0; i < reader->count; i++) {
		if (reader->endpoints[i] == endpoint)
			return true;
	}
	return false;
}

static void add_endpoint(struct reader *reader, const struct manifest_endpoint *endpoint,
			 struct location at)
{
	reader->endpoints[reader->count] = endpoint;
	reader->places[reader->count++] = at;
}

static void read_expose_endpoints(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct reader *reader = out;

	if (!expect(parse, value, YAML_LIST, "a list of endpoints"))
		return;
	if (!value->first)
		report(parse, value->at, NULL,
		       "nothing is exposed; name an endpoint or leave the key out for all");
	each_child(child, value)
	{
		const struct manifest_endpoint *endpoint =
			reader->target ? take_endpoint(parse, child, reader->target) : NULL;

		if (endpoint && has_endpoint(reader, endpoint))
			report(parse, child->at, NULL, "the endpoint \"%s\" is named twice",
			       endpoint->path);
		else if (endpoint)
			add_endpoint(reader, endpoint, child->at);
	}
}

static void read_default_mcp(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct reader *reader = out;
	read_boolean(parse, value, &reader->expose->default_mcp);
}

static void read_allow_origins(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct reader *reader = out;
	struct manifest_expose *expose = reader->expose;

	if (!expect(parse, value, YAML_LIST, "a list of origins such as http://localhost:6274"))
		return;
	each_child(child, value)
	{
		const char *text =
			take_text(parse, child, "an origin such as http://localhost:6274");
		if (!text)
			continue;
		auto_free char *origin = xstrdup(text);
		for (char *c = origin; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		if (syntax_is_origin(origin))
			append_text(&expose->allow_origins, &expose->n_allow_origins, origin);
		else
			report(parse, child->at, NULL,
			       "\"%s\" is no origin; one is http://HOST[:PORT] or "
			       "https://HOST[:PORT], "
			       "without a path",
			       excerpt(text).text);
	}
}

static const struct field EXPOSE_FIELDS[] = {
	{"path", read_public_path, 0, true,
	 "the public path; the longest that fits a request wins"},
	{"target", read_target, 0, true, "the name of a workload"},
	{"endpoints", read_expose_endpoints, 0, false,
	 "those of its endpoints that are exposed (default all); several are at PATH/PROTOCOL"},
	{"default_mcp", read_default_mcp, 0, false,
	 "true: the one that MCP clients are told of (default false)"},
	{"allow_origins", read_allow_origins, 0, false,
	 "origins of web pages, other than the app's own, that may call it from a browser"},
};
const struct mapping EXPOSE_MAPPING = MAPPING("an expose entry", EXPOSE_FIELDS);

/* ---- routes ---- */

static const struct manifest_route *route_at(const struct manifest *manifest, const char *path)
{
	for (size_t i = 0; i < manifest->n_exposes; i++) {
		const struct manifest_expose *expose = &manifest->exposes[i];

		for (size_t j = 0; j < expose->n_routes; j++) {
			if (str_eq(expose->routes[j].public_path, path))
				return &expose->routes[j];
		}
	}
	return NULL;
}

/* One endpoint answers at the path itself, several at <path>/<protocol>. */
static char *public_path(const struct reader *reader, const struct manifest_endpoint *endpoint)
{
	const char *path = reader->expose->path;

	if (reader->count == 1)
		return xstrdup(path);
	return xasprintf("%s/%s", str_eq(path, "/") ? "" : path,
			 manifest_protocol_name(endpoint->protocol));
}

static void add_route(struct parse *parse, const struct reader *reader, size_t i)
{
	const struct manifest_endpoint *endpoint = reader->endpoints[i];
	auto_free char *path = public_path(reader, endpoint);

	if (route_at(parse->manifest, path)) {
		report(parse, reader->places[i], NULL, "the public path \"%s\" is exposed twice",
		       path);
		return;
	}
	struct manifest_route *route = APPEND(reader->expose, routes);
	*route = (struct manifest_route){.public_path = take_ptr(&path),
					 .endpoint = xstrdup(endpoint->path),
					 .protocol = endpoint->protocol};
}

/* ---- the entry ---- */

static bool serves_mcp(const struct manifest_expose *expose)
{
	for (size_t i = 0; i < expose->n_routes; i++) {
		if (expose->routes[i].protocol == PROTOCOL_MCP ||
		    expose->routes[i].protocol == PROTOCOL_UNKNOWN)
			return true;
	}
	return false;
}

static void check_default_mcp(struct parse *parse, const struct yaml_node *value,
			      const struct manifest_expose *expose)
{
	const struct yaml_node *flag = yaml_get(value, "default_mcp");

	if (!expose->default_mcp)
		return;
	if (expose->n_routes && !serves_mcp(expose))
		report(parse, flag->key_at, NULL,
		       "default_mcp is for an endpoint of protocol mcp, and this entry has none");
	for (size_t i = 0; i < parse->manifest->n_exposes; i++) {
		const struct manifest_expose *other = &parse->manifest->exposes[i];

		if (other != expose && other->default_mcp)
			report(parse, flag->key_at, NULL,
			       "default_mcp is set twice, first for the path \"%s\"",
			       other->path ? other->path : "?");
	}
}

static void read_expose(struct parse *parse, const struct yaml_node *value,
			struct manifest *manifest)
{
	struct reader reader = {.expose = APPEND(manifest, exposes)};

	reader.expose->at = value->at;
	if (!read_mapping(parse, value, &EXPOSE_MAPPING, &reader))
		return;
	const struct yaml_node *path = yaml_get(value, "path");
	if (reader.target && !yaml_get(value, "endpoints")) {
		for (size_t i = 0; i < reader.target->n_endpoints; i++)
			add_endpoint(&reader, &reader.target->endpoints[i],
				     path ? path->at : value->at);
	}
	if (reader.count == 1 && path)
		reader.places[0] = path->at;
	for (size_t i = 0; i < reader.count && reader.expose->path; i++)
		add_route(parse, &reader, i);
	check_default_mcp(parse, value, reader.expose);
}

void read_exposes(struct parse *parse, const struct yaml_node *value, void *out)
{
	if (!expect(parse, value, YAML_LIST, "a list of expose entries"))
		return;
	each_child(child, value) read_expose(parse, child, out);
}
