// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Other Kits that this one uses: where they come from, and what of ours is given to them. What is
 * on their side of a binding can only be checked once they are read.
 */
#include "controller/manifest/parse.h"

#include <stddef.h>

#include "base/limits.h"
#include "base/mem.h"

/* ---- source ---- */

static bool has_control_byte(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

static void read_git(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *url = take_text(parse, value, "a git URL");

	if (!url)
		return;
	bool known = str_starts(url, "https://") || str_starts(url, "git@") ||
		     str_starts(url, "file:///");
	if (!known || has_control_byte(url))
		report(parse, value->at, NULL,
		       "a git source is https://..., git@HOST:... or file:///..., with #REF at its "
		       "end if wanted, not %s",
		       describe(value).text);
	else
		put_text(out, url);
}

static void read_source_path(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *path = take_text(parse, value, "a folder");

	if (!path)
		return;
	if (path[0] == '/' || path[0] == '~')
		report(parse, value->at, NULL,
		       "the folder of a dependency is relative to this Kit's, not \"%s\"",
		       excerpt(path).text);
	else
		put_text(out, path);
}

static const struct field SOURCE_FIELDS[] = {
	{"path", read_source_path, offsetof(struct manifest_dependency, path), false,
	 "a folder, relative to this Kit's"},
	{"git", read_git, offsetof(struct manifest_dependency, git), false,
	 "https://..., git@HOST:... or file:///..., with #REF at its end if wanted"},
};
const struct mapping SOURCE_MAPPING = MAPPING("a source", SOURCE_FIELDS);

static void read_source(struct parse *parse, const struct yaml_node *value, void *out)
{
	if (!read_mapping(parse, value, &SOURCE_MAPPING, out))
		return;
	const struct yaml_node *path = yaml_get(value, "path");
	const struct yaml_node *git = yaml_get(value, "git");

	if (path && git)
		report(parse, git->key_at, NULL,
		       "a source is either \"path\" or \"git\", not both");
	if (!path && !git)
		report(parse, value->at, NULL, "a source needs \"path\" or \"git\"");
}

/* ---- what is given to it ---- */

static void read_dependency_options(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_dependency *dependency = out;

	if (!expect(parse, value, YAML_MAPPING, "a mapping of the dependency's options"))
		return;
	each_child(child, value)
	{
		if (!check_free_key(parse, child, "an option"))
			continue;
		struct manifest_setting *setting = APPEND(dependency, options);
		setting->key = xstrdup(child->key);
		setting->at = child->key_at;
		read_setting(parse, child, &setting->value, &setting->from_option);
	}
}

static void read_mount_bindings(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_dependency *dependency = out;

	if (!expect(parse, value, YAML_MAPPING, "a mapping from the dependency's mounts to ours"))
		return;
	each_child(child, value)
	{
		if (!check_key(parse, child, "a mount"))
			continue;
		const struct manifest_host_mount *ours = take_host_mount(parse, child);
		struct manifest_binding *binding = APPEND(dependency, mount_bindings);
		binding->theirs = xstrdup(child->key);
		binding->ours = ours ? xstrdup(ours->key) : NULL;
		binding->at = child->key_at;
	}
}

static void read_secret_bindings(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_dependency *dependency = out;

	if (!expect(parse, value, YAML_MAPPING, "a mapping from the dependency's secrets to ours"))
		return;
	each_child(child, value)
	{
		if (!check_key(parse, child, "a secret"))
			continue;
		struct manifest_binding *binding = APPEND(dependency, secret_bindings);
		binding->theirs = xstrdup(child->key);
		binding->ours = xstrdup(take_secret(parse, child));
		binding->at = child->key_at;
	}
}

static const struct field DEPENDENCY_FIELDS[] = {
	{"source", read_source, 0, true, "where the Kit is: { path: FOLDER } or { git: URL }"},
	{"options", read_dependency_options, 0, false,
	 "values for its options: a value, or { from_option: NAME } for one of ours"},
	{"mount_bindings", read_mount_bindings, 0, false, "its mounts: ours"},
	{"secret_bindings", read_secret_bindings, 0, false, "its secrets: ours"},
	{"target", NULL, 0, false, "a dependency always runs inside this app; remove it"},
};
const struct mapping DEPENDENCY_MAPPING = MAPPING("a dependency", DEPENDENCY_FIELDS);

void read_dependencies(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest *manifest = out;

	if (!expect(parse, value, YAML_MAPPING, "a mapping of dependencies"))
		return;
	each_child(child, value)
	{
		if (!check_key(parse, child, "a dependency"))
			continue;
		struct manifest_dependency *dependency = APPEND(manifest, dependencies);
		dependency->key = xstrdup(child->key);
		dependency->at = child->key_at;
		read_mapping(parse, child, &DEPENDENCY_MAPPING, dependency);
	}
}
