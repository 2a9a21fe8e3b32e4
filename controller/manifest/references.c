// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Names that a manifest uses have to be declared in it. Each kind of name is resolved here, with
 * the declared one that was probably meant when it is not.
 */
#include "controller/manifest/parse.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

/* The nearest of `count` keys, `stride` bytes apart, each the first member of its struct. */
static const char *nearest_declared(const char *text, const void *array, size_t count,
				    size_t stride)
{
	const char *keys[MANIFEST_ITEMS_MAX];
	size_t n = count < array_len(keys) ? count : array_len(keys);

	for (size_t i = 0; i < n; i++)
		memcpy(&keys[i], (const char *)array + i * stride, sizeof(keys[i]));
	return text_nearest(text, keys, n);
}

static void report_undeclared(struct parse *parse, const struct yaml_node *value, const char *what,
			      const char *section, const char *nearest)
{
	report(parse, value->at, nearest, "the %s \"%s\" is not declared under \"%s\"", what,
	       excerpt(value->text).text, section);
}

#define TAKE_DECLARED(value, find, what, section)                                                  \
	const char *text = take_text(parse, value, "the name of a " what);                         \
	if (!text)                                                                                 \
		return NULL;                                                                       \
	const struct manifest *all = parse->manifest;                                              \
	const struct find *found = find(all, text);                                                \
	if (!found)                                                                                \
		report_undeclared(parse, value, what, #section,                                    \
				  nearest_declared(text, all->section, all->n_##section,           \
						   sizeof(*all->section)));

const char *take_option(struct parse *parse, const struct yaml_node *value)
{
	TAKE_DECLARED(value, manifest_option, "option", options);
	return found ? found->key : NULL;
}

const char *take_secret(struct parse *parse, const struct yaml_node *value)
{
	TAKE_DECLARED(value, manifest_secret, "secret", secrets);
	return found ? found->key : NULL;
}

const struct manifest_host_mount *take_host_mount(struct parse *parse,
						  const struct yaml_node *value)
{
	TAKE_DECLARED(value, manifest_host_mount, "mount", host_mounts);
	return found;
}

const struct manifest_workload *take_workload(struct parse *parse, const struct yaml_node *value)
{
	TAKE_DECLARED(value, manifest_workload, "workload", workloads);
	return found;
}

const struct manifest_dependency *take_dependency(struct parse *parse,
						  const struct yaml_node *value)
{
	TAKE_DECLARED(value, manifest_dependency, "dependency", dependencies);
	return found;
}

/* ---- endpoints ---- */

static size_t count_protocol(const struct manifest_workload *workload, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < workload->n_endpoints; i++)
		count += str_eq(manifest_protocol_name(workload->endpoints[i].protocol), name);
	return count;
}

static const char *nearest_endpoint(const struct manifest_workload *workload, const char *name)
{
	const char *names[2 * MANIFEST_ENDPOINTS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < workload->n_endpoints && count + 1 < array_len(names); i++) {
		if (name[0] == '/')
			names[count++] = workload->endpoints[i].path;
		else
			names[count++] = manifest_protocol_name(workload->endpoints[i].protocol);
	}
	return text_nearest(name, names, count);
}

const struct manifest_endpoint *take_endpoint(struct parse *parse, const struct yaml_node *value,
					      const struct manifest_workload *workload)
{
	const char *name = take_text(parse, value, "an endpoint (its path or its protocol)");
	if (!name)
		return NULL;
	const struct manifest_endpoint *endpoint = manifest_endpoint(workload, name);

	if (endpoint)
		return endpoint;
	if (count_protocol(workload, name) > 1)
		report(parse, value->at, NULL,
		       "the workload \"%s\" has several endpoints of protocol \"%s\"; write the "
		       "path "
		       "of the one that is meant",
		       workload->key, name);
	else
		report(parse, value->at, nearest_endpoint(workload, name),
		       "the workload \"%s\" has no endpoint \"%s\"", workload->key,
		       excerpt(name).text);
	return NULL;
}

/* ---- values and options ---- */

static void read_from_option(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *option = take_option(parse, value);

	if (option)
		put_text(out, option);
}

static const struct field SETTING_FIELDS[] = {
	{"from_option", read_from_option, 0, true, "the name of an option of this Kit"},
};
const struct mapping SETTING_MAPPING = MAPPING("a value from an option", SETTING_FIELDS);

void read_setting(struct parse *parse, const struct yaml_node *value, char **text,
		  char **from_option)
{
	if (value->kind == YAML_MAPPING) {
		read_mapping(parse, value, &SETTING_MAPPING, from_option);
		return;
	}
	const char *scalar = take_scalar(parse, value, "a value or { from_option: NAME }");

	if (scalar)
		*text = xstrdup(scalar);
}
