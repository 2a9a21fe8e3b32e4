// SPDX-License-Identifier: GPL-3.0-or-later
/* What a workload serves: a protocol at a path, in a short form and a long one. */
#include "controller/manifest/parse.h"

#include <stddef.h>

#include "base/limits.h"
#include "base/mem.h"

static void read_protocol(struct parse *parse, const struct yaml_node *value, void *out)
{
	static const char *const PROTOCOLS[] = {"http", "mcp", "oaic", "a2a"};
	int protocol =
		take_word(parse, value, "http, mcp, oaic or a2a", PROTOCOLS, array_len(PROTOCOLS));

	if (protocol >= 0)
		*(enum manifest_protocol *)out = PROTOCOL_HTTP + (enum manifest_protocol)protocol;
}

static const struct field ENDPOINT_FIELDS[] = {
	{"protocol", read_protocol, offsetof(struct manifest_endpoint, protocol), true,
	 "http, mcp, oaic or a2a"},
	{"path", read_path, offsetof(struct manifest_endpoint, path), false,
	 "where it is served (default \"/\" and the protocol)"},
	{"http2", read_boolean, offsetof(struct manifest_endpoint, http2), false,
	 "true: the workload speaks cleartext HTTP/2 there (default false)"},
	{"max_body", read_size, offsetof(struct manifest_endpoint, max_body), false,
	 "the largest request body (default 16MiB)"},
};
const struct mapping ENDPOINT_MAPPING = MAPPING("an endpoint", ENDPOINT_FIELDS);

static void read_endpoint(struct parse *parse, const struct yaml_node *value,
			  struct manifest_endpoint *endpoint)
{
	if (value->kind == YAML_MAPPING)
		read_mapping(parse, value, &ENDPOINT_MAPPING, endpoint);
	else
		read_protocol(parse, value, &endpoint->protocol);
	if (!endpoint->path && !yaml_get(value, "path") && endpoint->protocol)
		endpoint->path = xasprintf("/%s", manifest_protocol_name(endpoint->protocol));
}

/* True when the workload may have this endpoint too. */
static bool check_endpoint(struct parse *parse, const struct yaml_node *value,
			   const struct manifest_workload *workload,
			   const struct manifest_endpoint *endpoint)
{
	for (size_t i = 0; i < workload->n_endpoints; i++) {
		if (!str_eq(workload->endpoints[i].path, endpoint->path))
			continue;
		report(parse, value->at, NULL,
		       "the path \"%s\" is served by another endpoint already (line %u)",
		       endpoint->path, workload->endpoints[i].at.line);
		return false;
	}
	if (workload->n_endpoints == MANIFEST_ENDPOINTS_MAX)
		report(parse, value->at, NULL, "a workload has at most %d endpoints",
		       MANIFEST_ENDPOINTS_MAX);
	return workload->n_endpoints < MANIFEST_ENDPOINTS_MAX;
}

void read_endpoints(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_workload *workload = out;

	if (!expect(parse, value, YAML_LIST, "a list of endpoints"))
		return;
	each_child(child, value)
	{
		struct manifest_endpoint endpoint = {.at = child->at,
						     .max_body = HTTP_BODY_DEFAULT_MAX};

		read_endpoint(parse, child, &endpoint);
		if (endpoint.path && check_endpoint(parse, child, workload, &endpoint))
			*APPEND(workload, endpoints) = endpoint;
		else
			free(endpoint.path);
	}
}
