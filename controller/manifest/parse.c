// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A manifest from its text. The table of its sections is in the order in which they have to be
 * read: what is declared comes before what refers to it, wherever it stands in the file.
 */
#include "controller/manifest/parse.h"

#include <stddef.h>

#include "base/mem.h"
#include "base/text.h"

#define SUPPORTED_VERSION "1"

static void read_version(struct parse *parse, const struct yaml_node *value, void *out)
{
	if (!expect(parse, value, YAML_SCALAR, "the version '1'"))
		return;
	if (!str_eq(value->text, SUPPORTED_VERSION))
		report(parse, value->at, NULL,
		       "expected the version '1', the only one there is, not %s",
		       describe(value).text);
}

static void read_name(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *name = take_text(parse, value, "a name");

	if (!name)
		return;
	if (text_is_name(name))
		put_text(out, name);
	else
		report(parse, value->at, NULL,
		       "\"%s\" cannot be a Kit's name: at most 63 lower-case letters, digits and "
		       "\"-\", a letter or digit first",
		       excerpt(name).text);
}

static const struct field TOP_FIELDS[] = {
	{"version", read_version, 0, true, "'1'"},
	{"name", read_name, offsetof(struct manifest, name), true,
	 "lower-case letters, digits and \"-\", at most 63"},
	{"license", read_any_text, offsetof(struct manifest, license), false, "any text"},
	{"options", read_options, 0, false, "values that a person may set with --option"},
	{"secrets", read_secrets, 0, false,
	 "the names of secrets; values are set with capakit secret"},
	{"host_mounts", read_host_mounts, 0, false, "folders that a person binds with --mount"},
	{"dependencies", read_dependencies, 0, false, "other Kits"},
	{"workloads", read_workloads, 0, true, "the programs of this Kit"},
	{"expose", read_exposes, 0, false, "what the host can reach"},
	{"tests", read_tests, 0, false, "test cases, as in capability-test.yml"},
};
const struct mapping TOP_MAPPING = MAPPING("a manifest", TOP_FIELDS);

static const struct field TEST_FILE_FIELDS[] = {
	{"tests", read_tests, 0, true, "test cases"},
};
const struct mapping TEST_FILE_MAPPING = MAPPING("a file of tests", TEST_FILE_FIELDS);

const struct mapping *const manifest_mappings[] = {
	&TOP_MAPPING,	       &OPTION_MAPPING,		&SECRET_MAPPING,
	&HOST_MOUNT_MAPPING,   &DEPENDENCY_MAPPING,	&SOURCE_MAPPING,
	&SETTING_MAPPING,      &WORKLOAD_MAPPING,	&IMPORT_MAPPING,
	&CONNECTION_MAPPING,   &HOST_MAPPING,		&INJECT_MAPPING,
	&MOUNT_USE_MAPPING,    &ENDPOINT_MAPPING,	&RESOURCES_MAPPING,
	&RUNTIME_MAPPING,      &RUNTIME_SOURCE_MAPPING, &PHASE_MAPPING,
	&NETWORK_MAPPING,      &EXPOSE_MAPPING,		&TEST_FILE_MAPPING,
	&TEST_MAPPING,	       &TARGET_MAPPING,		&MCP_REQUEST_MAPPING,
	&HTTP_REQUEST_MAPPING, &EXEC_REQUEST_MAPPING,	&FAULT_MAPPING,
	NULL,
};

/* Connections come between workloads and expose in meaning, but workloads hold them in the file. */
static void read_manifest(struct parse *parse, const struct yaml_node *root)
{
	if (!read_mapping(parse, root, &TOP_MAPPING, parse->manifest))
		return;
	const struct yaml_node *workloads = yaml_get(root, "workloads");

	if (workloads)
		read_all_connections(parse, workloads, parse->manifest);
	check_faults(parse, 0);
}

/* The tree of a file, or NULL after an error. The caller frees the document in either case. */
static const struct yaml_node *read_tree(struct parse *parse, struct yaml_document *document,
					 const char *text, size_t len)
{
	if (!yaml_parse(document, text, len, parse->file, parse->problems))
		return NULL;
	if (!document->root)
		report(parse, (struct location){1, 1}, NULL, "the file is empty");
	else
		refuse_tags(parse, document->root);
	return document->root;
}

struct manifest *manifest_parse(const char *text, size_t len, const char *file_name,
				struct manifest_problems *problems)
{
	struct manifest *manifest = xcalloc(1, sizeof(*manifest));
	struct parse parse = {manifest, problems, file_name};
	struct yaml_document document;
	size_t errors = problems->errors;
	const struct yaml_node *root = read_tree(&parse, &document, text, len);

	if (root)
		read_manifest(&parse, root);
	yaml_free(&document);
	manifest_problems_sort(problems);
	if (problems->errors > errors)
		manifest_free(&manifest);
	return manifest;
}

bool manifest_parse_tests(struct manifest *manifest, const char *text, size_t len,
			  const char *file_name, struct manifest_problems *problems)
{
	struct parse parse = {manifest, problems, file_name};
	struct yaml_document document;
	size_t errors = problems->errors;
	size_t before = manifest->n_tests;
	const struct yaml_node *root = read_tree(&parse, &document, text, len);

	if (root)
		read_mapping(&parse, root, &TEST_FILE_MAPPING, manifest);
	check_faults(&parse, before);
	yaml_free(&document);
	manifest_problems_sort(problems);
	if (problems->errors == errors)
		return true;
	manifest_tests_free(manifest, before);
	return false;
}
