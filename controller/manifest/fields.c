// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The reader behind the tables: what every mapping of a manifest has in common, and the readers of
 * single values that several of them share. All messages about types and unknown keys are made
 * here, so that they read alike.
 */
#include "controller/manifest/fields.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"

#define EXCERPT_BYTES 80 // of a foreign text in a message
#define SIZE_VALUE_MAX ((uint64_t)1024 * 1024 * MIB)
#define MINUTES ((uint64_t)60 * 1000)
#define DURATION_MAX_MS (24 * 60 * MINUTES)

/* ---- messages ---- */

void report(struct parse *parse, struct location at, const char *suggestion, const char *format,
	    ...)
{
	auto_free char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort(); // out of memory
	va_end(args);
	manifest_problems_add(parse->problems, PROBLEM_ERROR, parse->file, at, suggestion, "%s",
			      text);
}

void warn(struct parse *parse, struct location at, const char *format, ...)
{
	auto_free char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort(); // out of memory
	va_end(args);
	manifest_problems_add(parse->problems, PROBLEM_WARNING, parse->file, at, NULL, "%s", text);
}

struct excerpt excerpt(const char *text)
{
	struct excerpt cut;
	size_t room = EXCERPT_BYTES;
	size_t len = strlen(text);

	if (len <= room) {
		memcpy(cut.text, text, len + 1);
		return cut;
	}
	while (room && ((unsigned char)text[room] & 0xc0) == 0x80)
		room--;
	snprintf(cut.text, sizeof(cut.text), "%.*s...", (int)room, text);
	return cut;
}

struct excerpt describe(const struct yaml_node *value)
{
	if (value->kind == YAML_LIST)
		return excerpt("a list");
	if (value->kind == YAML_MAPPING)
		return excerpt("a mapping");
	struct excerpt text = excerpt(value->text);
	struct excerpt described;

	switch (yaml_type(value)) {
	case YAML_NULL:
		return excerpt("nothing");
	case YAML_BOOLEAN:
		snprintf(described.text, sizeof(described.text), "the boolean %.90s", text.text);
		return described;
	case YAML_NUMBER:
		snprintf(described.text, sizeof(described.text), "the number %.90s", text.text);
		return described;
	default:
		snprintf(described.text, sizeof(described.text), "the text \"%.90s\"", text.text);
		return described;
	}
}

void report_type(struct parse *parse, const struct yaml_node *value, const char *what)
{
	report(parse, value->at, NULL, "expected %s, not %s", what, describe(value).text);
}

bool expect(struct parse *parse, const struct yaml_node *value, enum yaml_kind kind,
	    const char *what)
{
	if (value->kind == YAML_BROKEN)
		return false;
	if (value->kind == kind)
		return true;
	report_type(parse, value, what);
	return false;
}

/* ---- tags ---- */

static const struct {
	const char *tag;
	const char *instead;
} OLDER_TAGS[] = {
	{"!LocalPackage", "write \"source: { path: FOLDER }\" without a tag"},
	{"!GitPackage", "write \"source: { git: URL }\" without a tag"},
	{"!BundledChild", "a dependency has no target any more; remove it"},
};

static void refuse_tag(struct parse *parse, const struct yaml_node *node)
{
	for (size_t i = 0; i < array_len(OLDER_TAGS); i++) {
		if (!str_eq(node->tag, OLDER_TAGS[i].tag))
			continue;
		report(parse, node->tag_at, NULL,
		       "the YAML tag \"%s\" is of an older form of the manifest: %s", node->tag,
		       OLDER_TAGS[i].instead);
		return;
	}
	report(parse, node->tag_at, NULL,
	       "a manifest has no YAML tags such as \"%s\": write the value without it",
	       excerpt(node->tag).text);
}

void refuse_tags(struct parse *parse, const struct yaml_node *root)
{
	if (root->tag)
		refuse_tag(parse, root);
	each_child(child, root) refuse_tags(parse, child);
}

/* ---- mappings ---- */

static const struct field *find_field(const struct mapping *mapping, const char *key)
{
	for (size_t i = 0; i < mapping->count; i++) {
		if (str_eq(mapping->fields[i].key, key))
			return &mapping->fields[i];
	}
	return NULL;
}

static const char *nearest_key(const struct mapping *mapping, const char *key)
{
	const char *keys[64];
	size_t count = 0;

	for (size_t i = 0; i < mapping->count && count < array_len(keys); i++) {
		if (mapping->fields[i].read)
			keys[count++] = mapping->fields[i].key;
	}
	return text_nearest(key, keys, count);
}

static void check_keys(struct parse *parse, const struct yaml_node *value,
		       const struct mapping *mapping)
{
	each_child(child, value)
	{
		const struct field *field = find_field(mapping, child->key);

		if (!field)
			report(parse, child->key_at, nearest_key(mapping, child->key),
			       "unknown key \"%s\" in %s", excerpt(child->key).text, mapping->what);
		else if (!field->read)
			report(parse, child->key_at, NULL,
			       "the key \"%s\" is of an older form of the manifest: %s", field->key,
			       field->about);
	}
}

/* Where something is missing from a value: at its key, where it has one. */
static struct location place_of(const struct yaml_node *value)
{
	return value->key ? value->key_at : value->at;
}

bool read_mapping(struct parse *parse, const struct yaml_node *value, const struct mapping *mapping,
		  void *out)
{
	auto_free char *expected = xasprintf("the keys of %s (a mapping)", mapping->what);

	if (!expect(parse, value, YAML_MAPPING, expected))
		return false;
	check_keys(parse, value, mapping);
	for (size_t i = 0; i < mapping->count; i++) {
		const struct field *field = &mapping->fields[i];
		const struct yaml_node *child = yaml_get(value, field->key);

		if (child && field->read)
			field->read(parse, child, (char *)out + field->offset);
		else if (!child && field->required)
			report(parse, place_of(value), NULL, "%s needs the key \"%s\"",
			       mapping->what, field->key);
	}
	return true;
}

/* ---- single values ---- */

const char *take_scalar(struct parse *parse, const struct yaml_node *value, const char *what)
{
	if (!expect(parse, value, YAML_SCALAR, what))
		return NULL;
	if (yaml_type(value) != YAML_NULL)
		return value->text;
	report_type(parse, value, what);
	return NULL;
}

static const char *take_string(struct parse *parse, const struct yaml_node *value, const char *what)
{
	if (!take_scalar(parse, value, what))
		return NULL;
	if (yaml_type(value) == YAML_TEXT)
		return value->text;
	report(parse, value->at, NULL, "expected %s, not %s; put it in quotes", what,
	       describe(value).text);
	return NULL;
}

const char *take_text(struct parse *parse, const struct yaml_node *value, const char *what)
{
	const char *text = take_string(parse, value, what);

	if (text && !*text) {
		report(parse, value->at, NULL, "expected %s, not an empty text", what);
		return NULL;
	}
	return text;
}

void put_text(void *out, const char *text)
{
	char **target = out;

	free(*target);
	*target = xstrdup(text);
}

void read_text(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *text = take_text(parse, value, "a text");

	if (text)
		put_text(out, text);
}

void read_any_text(struct parse *parse, const struct yaml_node *value, void *out)
{
	const char *text = take_string(parse, value, "a text");

	if (text)
		put_text(out, text);
}

static const char *boolean_meant(const char *text)
{
	static const char *const TRUE_WORDS[] = {"yes", "on", "y", "true"};
	static const char *const FALSE_WORDS[] = {"no", "off", "n", "false"};

	for (size_t i = 0; i < array_len(TRUE_WORDS); i++) {
		if (strcasecmp(text, TRUE_WORDS[i]) == 0)
			return "true";
		if (strcasecmp(text, FALSE_WORDS[i]) == 0)
			return "false";
	}
	return NULL;
}

void read_boolean(struct parse *parse, const struct yaml_node *value, void *out)
{
	if (!expect(parse, value, YAML_SCALAR, "true or false"))
		return;
	if (yaml_type(value) == YAML_BOOLEAN)
		*(bool *)out = str_eq(boolean_meant(value->text), "true");
	else
		report(parse, value->at, boolean_meant(value->text),
		       "expected true or false, not %s", describe(value).text);
}

void read_duration(struct parse *parse, const struct yaml_node *value, void *out)
{
	uint64_t milliseconds;
	const char *text = take_scalar(parse, value, "a duration such as 60s");

	if (!text)
		return;
	auto_free char *with_unit = yaml_type(value) == YAML_NUMBER ? xasprintf("%ss", text) : NULL;
	if (!num_parse_duration(text, &milliseconds))
		report(parse, value->at, with_unit,
		       "expected a duration such as 250ms, 60s, 5m or 1h, not %s",
		       describe(value).text);
	else if (milliseconds == 0 || milliseconds > DURATION_MAX_MS)
		report(parse, value->at, NULL, "a duration is between 1ms and 24h, not %s",
		       excerpt(text).text);
	else
		*(uint64_t *)out = milliseconds;
}

void read_size(struct parse *parse, const struct yaml_node *value, void *out)
{
	uint64_t bytes;
	const char *text = take_scalar(parse, value, "a size such as 64MiB");

	if (!text)
		return;
	if (!num_parse_size(text, &bytes))
		report(parse, value->at, NULL,
		       "expected a size such as 512KiB, 64MiB, 1GiB or a number of bytes, not %s",
		       describe(value).text);
	else if (bytes == 0 || bytes > SIZE_VALUE_MAX)
		report(parse, value->at, NULL, "a size is between 1 byte and 1024GiB, not %s",
		       excerpt(text).text);
	else
		*(uint64_t *)out = bytes;
}

bool take_number(struct parse *parse, const struct yaml_node *value, uint64_t least, uint64_t most,
		 uint64_t *number)
{
	if (value->kind == YAML_BROKEN)
		return false;
	if (value->kind == YAML_SCALAR && value->plain &&
	    num_parse_u64(value->text, strlen(value->text), most, number) && *number >= least)
		return true;
	report(parse, value->at, NULL, "expected a whole number from %llu to %llu, not %s",
	       (unsigned long long)least, (unsigned long long)most, describe(value).text);
	return false;
}

int take_word(struct parse *parse, const struct yaml_node *value, const char *what,
	      const char *const *words, size_t count)
{
	const char *text = take_scalar(parse, value, what);

	if (!text)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (str_eq(text, words[i]))
			return (int)i;
	}
	report(parse, value->at, text_nearest(text, words, count), "expected %s, not %s", what,
	       describe(value).text);
	return -1;
}

void read_access(struct parse *parse, const struct yaml_node *value, void *out)
{
	static const char *const WORDS[] = {"read_only", "read_write"};
	int word = take_word(parse, value, "read_only or read_write", WORDS, array_len(WORDS));

	if (word >= 0)
		*(enum manifest_access *)out = (enum manifest_access)word;
}

bool check_key(struct parse *parse, const struct yaml_node *value, const char *what)
{
	if (text_is_key(value->key))
		return true;
	report(parse, value->key_at, NULL,
	       "the key \"%s\" of %s has to be lower-case letters, digits, \"-\" and \"_\", begin "
	       "with a letter and end with a letter or digit",
	       excerpt(value->key).text, what);
	return false;
}

bool check_free_key(struct parse *parse, const struct yaml_node *value, const char *what)
{
	size_t len = strspn(value->key,
			    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	if (!value->key[len] && value->key[0] != '-')
		return true;
	report(parse, value->key_at, NULL,
	       "the key \"%s\" of %s has to be letters, digits, \"_\" and \"-\", and may not begin "
	       "with \"-\"",
	       excerpt(value->key).text, what);
	return false;
}

/* ---- arrays ---- */

void *array_append(void *array, size_t *count, size_t size)
{
	void *data; // `array` points to a pointer of any type, so it is copied, not cast

	memcpy(&data, array, sizeof(data));
	data = xreallocarray(data, *count + 1, size);
	memcpy(array, &data, sizeof(data));
	void *element = (char *)data + *count * size;
	memset(element, 0, size);
	++*count;
	return element;
}

void append_text(char ***texts, size_t *count, const char *text)
{
	*(char **)array_append(texts, count, sizeof(**texts)) = xstrdup(text);
}

bool has_text(char *const *texts, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq(texts[i], text))
			return true;
	}
	return false;
}
