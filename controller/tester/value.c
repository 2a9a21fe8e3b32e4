// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The values that test cases are judged by come from workloads. Here they become JSON that the rest
 * can rely on: bounded by what was read, well formed, and comparable.
 */
#include "controller/tester/value.h"

#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

static const json_t *take_step(const json_t *value, const struct manifest_step *step)
{
	if (step->name)
		return json_object_get(value, step->name);
	return json_array_get(value, step->index);
}

const json_t *value_select(const json_t *root, const struct manifest_selector *selector)
{
	const json_t *value = root;

	for (size_t i = 0; value && i < selector->n_steps; i++)
		value = take_step(value, &selector->steps[i]);
	return value;
}

json_t *value_from_bytes(const void *data, size_t len)
{
	auto_buf struct buf text = {.max = 3 * len + 1};

	text_to_utf8(&text, data, len);
	return json_stringn((const char *)buf_bytes(&text), buf_len(&text));
}

json_t *value_from_json(const void *data, size_t len)
{
	json_error_t ignored;

	return json_loadb(data, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &ignored);
}

/* Appends as much as fits into `max`. */
struct cut {
	struct buf *out;
	bool full;
};

static int put_piece(const char *data, size_t len, void *owner)
{
	struct cut *cut = owner;
	size_t room = buf_room(cut->out);

	cut->full = cut->full || len > room;
	buf_append(cut->out, data, len < room ? len : room);
	return cut->full ? -1 : 0;
}

/* A cut must not leave half a character. */
static void drop_partial_character(struct buf *out)
{
	size_t back = 0;

	while (back < 3 && buf_len(out) > back && (out->data[out->end - 1 - back] & 0xc0) == 0x80)
		back++;
	if (buf_len(out) > back && out->data[out->end - 1 - back] >= 0xc0)
		out->end -= back + 1;
}

char *value_text(const json_t *value, size_t max)
{
	static const char MARK[] = "...";
	struct buf out = {.max = max};
	struct cut cut = {.out = &out};

	json_dump_callback(value, put_piece, &cut, JSON_COMPACT | JSON_ENCODE_ANY);
	if (cut.full) {
		drop_partial_character(&out);
		out.max += sizeof(MARK);
		buf_append_str(&out, MARK);
	}
	return buf_take_str(&out);
}

static bool equal_objects(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *member;

	if (json_object_size(a) != json_object_size(b))
		return false;
	json_object_foreach((json_t *)(uintptr_t)a, key, member)
	{
		const json_t *other = json_object_get(b, key);

		if (!other || !value_equal(member, other))
			return false;
	}
	return true;
}

static bool equal_arrays(const json_t *a, const json_t *b)
{
	if (json_array_size(a) != json_array_size(b))
		return false;
	for (size_t i = 0; i < json_array_size(a); i++)
		if (!value_equal(json_array_get(a, i), json_array_get(b, i)))
			return false;
	return true;
}

bool value_equal(const json_t *a, const json_t *b)
{
	if (json_is_object(a) && json_is_object(b))
		return equal_objects(a, b);
	if (json_is_array(a) && json_is_array(b))
		return equal_arrays(a, b);
	if (json_is_integer(a) && json_is_real(b))
		return (long double)json_integer_value(a) == (long double)json_real_value(b);
	if (json_is_real(a) && json_is_integer(b))
		return value_equal(b, a);
	return json_equal(a, b);
}

static size_t count_characters(const json_t *text)
{
	const char *bytes = json_string_value(text);
	size_t count = 0;

	for (size_t i = 0; i < json_string_length(text); i++)
		count += (bytes[i] & 0xc0) != 0x80;
	return count;
}

bool value_length(const json_t *value, size_t *length)
{
	if (json_is_string(value))
		*length = count_characters(value);
	else if (json_is_array(value))
		*length = json_array_size(value);
	else if (json_is_object(value))
		*length = json_object_size(value);
	else
		return false;
	return true;
}

const char *value_type(const json_t *value)
{
	static const char *const NAMES[] = {
		[JSON_OBJECT] = "object",  [JSON_ARRAY] = "array", [JSON_STRING] = "string",
		[JSON_INTEGER] = "number", [JSON_REAL] = "number", [JSON_TRUE] = "boolean",
		[JSON_FALSE] = "boolean",  [JSON_NULL] = "null",
	};

	return NAMES[json_typeof(value)];
}
