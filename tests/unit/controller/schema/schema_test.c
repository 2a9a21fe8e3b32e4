// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The schema of the manifest has the keys that the code reads: each table of the code is a
 * definition with the same title, keys, required keys and descriptions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/mem.h"
#include "controller/manifest/fields.h"
#include "controller/schema/schema.h"

static json_t *load(const char *name)
{
	const struct embedded_file *file = schema_find(name);
	json_error_t error;
	assert_non_null(file);
	json_t *schema = json_loadb(file->data, file->len, JSON_REJECT_DUPLICATES, &error);
	if (!schema)
		fail_msg("%s: %s in line %d", name, error.text, error.line);
	return schema;
}

static json_t *definition(json_t *schema, const char *title)
{
	const char *key;
	json_t *value;
	if (str_eq(json_string_value(json_object_get(schema, "title")), title))
		return schema;
	json_object_foreach(json_object_get(schema, "$defs"), key, value)
	{
		if (str_eq(json_string_value(json_object_get(value, "title")), title))
			return value;
	}
	return NULL;
}

static bool is_required(const json_t *definition, const char *key)
{
	size_t i;
	json_t *name;
	json_array_foreach(json_object_get(definition, "required"), i, name)
	{
		if (str_eq(json_string_value(name), key))
			return true;
	}
	return false;
}

static void compare(const struct mapping *mapping, const json_t *definition)
{
	const json_t *properties = json_object_get(definition, "properties");
	size_t count = 0;
	assert_true(json_is_false(json_object_get(definition, "additionalProperties")));
	for (size_t i = 0; i < mapping->count; i++) {
		const struct field *field = &mapping->fields[i];
		const json_t *property = json_object_get(properties, field->key);
		if (!field->read)
			continue;
		count++;
		if (!property)
			fail_msg("%s: the key %s is missing", mapping->what, field->key);
		assert_string_equal(json_string_value(json_object_get(property, "description")),
				    field->about);
		if (is_required(definition, field->key) != field->required)
			fail_msg("%s: is %s required?", mapping->what, field->key);
	}
	if (count != json_object_size(properties))
		fail_msg("%s: the schema has keys that the code does not read", mapping->what);
}

static void the_manifest_has_the_keys_that_are_read(void **unused)
{
	json_t *manifest = load("manifest"), *tests = load("tests");
	for (size_t i = 0; manifest_mappings[i]; i++) {
		const char *what = manifest_mappings[i]->what;
		json_t *found = definition(manifest, what);
		if (!found)
			found = definition(tests, what);
		if (!found)
			fail_msg("no definition has the title \"%s\"", what);
		compare(manifest_mappings[i], found);
	}
	json_decref(manifest);
	json_decref(tests);
}

/* Each schema stands alone, so what both need is in both. */
static void test_cases_are_the_same_in_both(void **unused)
{
	json_t *manifest = load("manifest"), *tests = load("tests");
	const char *key;
	json_t *value;
	json_object_foreach(json_object_get(tests, "$defs"), key, value)
	{
		if (!json_equal(value, json_object_get(json_object_get(manifest, "$defs"), key)))
			fail_msg("\"%s\" differs", key);
	}
	json_decref(manifest);
	json_decref(tests);
}

static void every_schema_names_itself(void **unused)
{
	for (size_t i = 0; schema_at(i); i++) {
		auto_free char *name = schema_name(schema_at(i));
		auto_free char *id = xasprintf("urn:capakit:schema:%s", name);
		json_t *schema = load(name);
		assert_string_equal(json_string_value(json_object_get(schema, "$id")), id);
		assert_string_equal(json_string_value(json_object_get(schema, "$schema")),
				    "https://json-schema.org/draft/2020-12/schema");
		json_decref(schema);
	}
}

static void a_kit_command_needs_no_kit(void **unused)
{
	assert_ptr_equal(schema_find("inspect"), schema_find("kit-inspect"));
	assert_null(schema_find("kit"));
	assert_null(schema_find("../manifest"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manifest_has_the_keys_that_are_read),
		cmocka_unit_test(test_cases_are_the_same_in_both),
		cmocka_unit_test(every_schema_names_itself),
		cmocka_unit_test(a_kit_command_needs_no_kit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
