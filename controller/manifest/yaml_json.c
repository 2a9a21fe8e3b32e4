// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Requests of test cases are written in YAML and sent as JSON. They are turned into JSON text while
 * the tree is there, so that the model keeps texts and nobody else has to know YAML.
 */
#include "controller/manifest/yaml_json.h"

#include <jansson.h>
#include <string.h>

#include "base/mem.h"
#include "controller/manifest/fields.h"

static json_t *scalar_json(const struct yaml_node *value)
{
	switch (yaml_type(value)) {
	case YAML_NULL:
		return json_null();
	case YAML_BOOLEAN:
		return json_boolean(value->text[0] == 't' || value->text[0] == 'T');
	case YAML_NUMBER: {
		json_t *number = json_loads(value->text, JSON_DECODE_ANY, NULL);

		return number ? number : json_string(value->text); // 1e999: out of range
	}
	default:
		return json_string(value->text);
	}
}

static json_t *value_json(const struct yaml_node *value)
{
	if (value->kind == YAML_SCALAR)
		return scalar_json(value);
	if (value->kind == YAML_LIST) {
		json_t *list = json_array();

		each_child(child, value) json_array_append_new(list, value_json(child));
		return list;
	}
	json_t *object = json_object();

	each_child(child, value) json_object_set_new(object, child->key, value_json(child));
	return object;
}

char *yaml_to_json(const struct yaml_node *value)
{
	json_t *json = value_json(value);
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	json_decref(json);
	return text ? text : xstrdup("null");
}
