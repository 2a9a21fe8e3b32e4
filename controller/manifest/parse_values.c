// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What a person gives to a Kit from outside: options, secrets, host mounts. They are read first,
 * because everything else refers to them.
 */
#include "controller/manifest/parse.h"

#include <stddef.h>

#include "base/mem.h"
#include "base/text.h"

/* ---- options ---- */

static void read_kind(struct parse *parse, const struct yaml_node *value, void *out)
{
	static const char *const KINDS[] = {"string", "number", "enum", "boolean"};
	int kind =
		take_word(parse, value, "string, number, enum or boolean", KINDS, array_len(KINDS));

	if (kind >= 0)
		*(enum option_kind *)out = (enum option_kind)kind;
}

static void read_enum_values(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest_option *option = out;

	if (!expect(parse, value, YAML_LIST, "a list of values"))
		return;
	if (!value->first)
		report(parse, value->at, NULL, "enum_values needs at least one value");
	each_child(child, value)
	{
		const char *text = take_scalar(parse, child, "a value");

		if (!text)
			continue;
		if (has_text(option->enum_values, option->n_enum_values, text))
			report(parse, child->at, NULL, "the value \"%s\" is given twice",
			       excerpt(text).text);
		else
			append_text(&option->enum_values, &option->n_enum_values, text);
	}
}

/* The YAML type that a default of each kind has. */
static bool default_has_type(enum option_kind kind, enum yaml_type type)
{
	switch (kind) {
	case OPTION_NUMBER:
		return type == YAML_NUMBER;
	case OPTION_BOOLEAN:
		return type == YAML_BOOLEAN;
	case OPTION_STRING:
		return type == YAML_TEXT;
	case OPTION_ENUM:
		return type != YAML_NULL;
	}
	return false;
}

static const char *lower_boolean(const struct yaml_node *value)
{
	return value->text[0] == 't' || value->text[0] == 'T' ? "true" : "false";
}

static void read_default(struct parse *parse, const struct yaml_node *value, void *out)
{
	static const char *const EXPECTED[] = {
		[OPTION_STRING] =
			"a text (in quotes, if it looks like a number) as default of a string",
		[OPTION_NUMBER] = "a number (without quotes) as default of a number",
		[OPTION_ENUM] = "one of enum_values as default",
		[OPTION_BOOLEAN] = "true or false as default of a boolean",
	};
	struct manifest_option *option = out;
	struct err err;

	if (!expect(parse, value, YAML_SCALAR, EXPECTED[option->kind]))
		return;
	if (!default_has_type(option->kind, yaml_type(value))) {
		report_type(parse, value, EXPECTED[option->kind]);
		return;
	}
	const char *text = option->kind == OPTION_BOOLEAN ? lower_boolean(value) : value->text;
	if (option->kind == OPTION_ENUM && !option->n_enum_values)
		return; // said by check_enum
	if (option->kind == OPTION_ENUM && !manifest_option_accepts(option, text, &err)) {
		report(parse, value->at,
		       text_nearest(text, (const char *const *)option->enum_values,
				    option->n_enum_values),
		       "%s", err.text);
		return;
	}
	option->default_value = xstrdup(text);
}

static const struct field OPTION_FIELDS[] = {
	{"kind", read_kind, offsetof(struct manifest_option, kind), true,
	 "string, number, enum or boolean"},
	{"enum_values", read_enum_values, 0, false, "for an enum: the list of its values"},
	{"default", read_default, 0, false,
	 "the value when nobody gives one, of the type that `kind` says; without it the option has "
	 "to be given"},
	{"description", read_any_text, offsetof(struct manifest_option, description), false,
	 "shown to people"},
};
const struct mapping OPTION_MAPPING = MAPPING("an option", OPTION_FIELDS);

static void check_enum(struct parse *parse, const struct yaml_node *value,
		       const struct manifest_option *option)
{
	const struct yaml_node *values = yaml_get(value, "enum_values");

	if (option->kind == OPTION_ENUM && !values)
		report(parse, value->key_at, NULL, "an option of kind enum needs \"enum_values\"");
	if (option->kind != OPTION_ENUM && values)
		report(parse, values->key_at, NULL,
		       "only an option of kind enum has \"enum_values\"");
}

void read_options(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest *manifest = out;

	if (!expect(parse, value, YAML_MAPPING, "a mapping of options"))
		return;
	each_child(child, value)
	{
		if (!check_free_key(parse, child, "an option"))
			continue;
		struct manifest_option *option = APPEND(manifest, options);
		option->key = xstrdup(child->key);
		option->at = child->key_at;
		if (read_mapping(parse, child, &OPTION_MAPPING, option))
			check_enum(parse, child, option);
	}
}

/* ---- secrets ---- */

static const struct field SECRET_FIELDS[] = {
	{"description", read_any_text, offsetof(struct manifest_secret, description), false,
	 "shown to people"},
	{"required", read_boolean, offsetof(struct manifest_secret, required), false,
	 "true: the Kit does not start without it (default false)"},
};
const struct mapping SECRET_MAPPING = MAPPING("a secret", SECRET_FIELDS);

void read_secrets(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest *manifest = out;

	if (!expect(parse, value, YAML_MAPPING, "a mapping of secrets"))
		return;
	each_child(child, value)
	{
		if (!check_key(parse, child, "a secret"))
			continue;
		struct manifest_secret *secret = APPEND(manifest, secrets);
		secret->key = xstrdup(child->key);
		secret->at = child->key_at;
		bool only_named = child->kind == YAML_SCALAR && yaml_type(child) == YAML_NULL;
		if (!only_named)
			read_mapping(parse, child, &SECRET_MAPPING, secret);
	}
}

/* ---- host mounts ---- */

static const struct field HOST_MOUNT_FIELDS[] = {
	{"usage", read_any_text, offsetof(struct manifest_host_mount, usage), false,
	 "what the folder is for, shown to people"},
	{"access", read_access, offsetof(struct manifest_host_mount, access), false,
	 "read_only (default) or read_write: the most that a workload may have"},
};
const struct mapping HOST_MOUNT_MAPPING = MAPPING("a host mount", HOST_MOUNT_FIELDS);

static bool same_variable(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b)))
			return false;
	}
	return *a == *b;
}

static void check_variable(struct parse *parse, const struct yaml_node *child,
			   const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->n_host_mounts; i++) {
		const char *other = manifest->host_mounts[i].key;

		if (same_variable(child->key, other))
			report(parse, child->key_at, NULL,
			       "the mounts \"%s\" and \"%s\" would share one variable "
			       "(CAPAKIT_MOUNT_...); rename one of them",
			       excerpt(other).text, excerpt(child->key).text);
	}
}

void read_host_mounts(struct parse *parse, const struct yaml_node *value, void *out)
{
	struct manifest *manifest = out;

	if (!expect(parse, value, YAML_MAPPING, "a mapping of host mounts"))
		return;
	each_child(child, value)
	{
		if (!check_key(parse, child, "a host mount"))
			continue;
		check_variable(parse, child, manifest);
		struct manifest_host_mount *mount = APPEND(manifest, host_mounts);
		mount->key = xstrdup(child->key);
		mount->at = child->key_at;
		read_mapping(parse, child, &HOST_MOUNT_MAPPING, mount);
	}
}
