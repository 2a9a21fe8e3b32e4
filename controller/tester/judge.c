// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The validators of the Kit contract, section 5. Each is a function of the value and the argument;
 * one table says which is which, and how it is put in words.
 */
#include "controller/tester/judge.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "controller/tester/regex.h"
#include "controller/tester/value.h"

/* `why` gets what is to be said of the value besides, such as that it is no number. */
typedef bool holds_fn(const json_t *value, const json_t *argument, struct err *why);

/* ---- comparisons ---- */

static bool holds_eq(const json_t *value, const json_t *argument, struct err *why)
{
	return value_equal(value, argument);
}

static bool holds_ne(const json_t *value, const json_t *argument, struct err *why)
{
	return !value_equal(value, argument);
}

static long double number(const json_t *value)
{
	return json_is_integer(value) ? (long double)json_integer_value(value)
				      : (long double)json_real_value(value);
}

/* The sign of value - argument. False: it is no number. */
static bool compare(const json_t *value, const json_t *argument, int *sign, struct err *why)
{
	if (!json_is_number(value))
		return err_set(why, ERR_PROTOCOL, "not a number");
	*sign = number(value) < number(argument) ? -1 : number(value) > number(argument);
	return true;
}

static bool holds_gt(const json_t *value, const json_t *argument, struct err *why)
{
	int sign = 0;
	return compare(value, argument, &sign, why) && sign > 0;
}

static bool holds_gte(const json_t *value, const json_t *argument, struct err *why)
{
	int sign = 0;
	return compare(value, argument, &sign, why) && sign >= 0;
}

static bool holds_lt(const json_t *value, const json_t *argument, struct err *why)
{
	int sign = 0;
	return compare(value, argument, &sign, why) && sign < 0;
}

static bool holds_lte(const json_t *value, const json_t *argument, struct err *why)
{
	int sign = 0;
	return compare(value, argument, &sign, why) && sign <= 0;
}

/* ---- contents ---- */

static bool array_contains(const json_t *array, const json_t *element)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		if (value_equal(json_array_get(array, i), element))
			return true;
	return false;
}

/* Part of a text, element of a list, name of a member. */
static bool contains(const json_t *value, const json_t *argument, bool *found, struct err *why)
{
	if (json_is_array(value))
		*found = array_contains(value, argument);
	else if (json_is_string(value) && json_is_string(argument))
		*found = memmem(json_string_value(value), json_string_length(value),
				json_string_value(argument), json_string_length(argument)) != NULL;
	else if (json_is_object(value) && json_is_string(argument))
		*found = json_object_get(value, json_string_value(argument)) != NULL;
	else
		return err_set(why, ERR_PROTOCOL, "a %s cannot contain that", value_type(value));
	return true;
}

static bool holds_contains(const json_t *value, const json_t *argument, struct err *why)
{
	bool found = false;
	return contains(value, argument, &found, why) && found;
}

static bool holds_not_contains(const json_t *value, const json_t *argument, struct err *why)
{
	bool found = false;
	return contains(value, argument, &found, why) && !found;
}

static bool need_text(const json_t *value, struct err *why)
{
	return json_is_string(value) || err_set(why, ERR_PROTOCOL, "not a text");
}

static bool holds_matches(const json_t *value, const json_t *argument, struct err *why)
{
	bool matches = false;
	return need_text(value, why) &&
	       regex_matches(json_string_value(argument), json_string_length(argument),
			     json_string_value(value), json_string_length(value), &matches, why) &&
	       matches;
}

static bool holds_starts_with(const json_t *value, const json_t *argument, struct err *why)
{
	size_t len = json_string_length(argument);
	return need_text(value, why) && json_string_length(value) >= len &&
	       memcmp(json_string_value(value), json_string_value(argument), len) == 0;
}

static bool holds_ends_with(const json_t *value, const json_t *argument, struct err *why)
{
	size_t len = json_string_length(argument);
	return need_text(value, why) && json_string_length(value) >= len &&
	       memcmp(json_string_value(value) + json_string_length(value) - len,
		      json_string_value(argument), len) == 0;
}

/* ---- lengths and types ---- */

static bool length_of(const json_t *value, size_t *length, struct err *why)
{
	if (!value_length(value, length))
		return err_set(why, ERR_PROTOCOL, "a %s has no length", value_type(value));
	err_set(why, ERR_NONE, "length %zu", *length);
	return true;
}

static bool holds_len_eq(const json_t *value, const json_t *argument, struct err *why)
{
	size_t length = 0;
	return length_of(value, &length, why) && length == (size_t)json_integer_value(argument);
}

static bool holds_len_gte(const json_t *value, const json_t *argument, struct err *why)
{
	size_t length = 0;
	return length_of(value, &length, why) && length >= (size_t)json_integer_value(argument);
}

static bool holds_len_lte(const json_t *value, const json_t *argument, struct err *why)
{
	size_t length = 0;
	return length_of(value, &length, why) && length <= (size_t)json_integer_value(argument);
}

static bool holds_type_is(const json_t *value, const json_t *argument, struct err *why)
{
	err_set(why, ERR_NONE, "type %s", value_type(value));
	return str_eq(value_type(value), json_string_value(argument));
}

static bool holds_exists(const json_t *value, const json_t *argument, struct err *why)
{
	return true;
}

/* Only asked about what is there. */
static bool holds_not_exists(const json_t *value, const json_t *argument, struct err *why)
{
	return false;
}

static const struct {
	holds_fn *holds;
	const char *wanted; // before the argument, if there is one
} VALIDATORS[] = {
	[VALIDATE_EQ] = {holds_eq, ""},
	[VALIDATE_NE] = {holds_ne, "anything but "},
	[VALIDATE_GT] = {holds_gt, "more than "},
	[VALIDATE_GTE] = {holds_gte, "at least "},
	[VALIDATE_LT] = {holds_lt, "less than "},
	[VALIDATE_LTE] = {holds_lte, "at most "},
	[VALIDATE_EXISTS] = {holds_exists, "something"},
	[VALIDATE_NOT_EXISTS] = {holds_not_exists, "nothing"},
	[VALIDATE_CONTAINS] = {holds_contains, "something that contains "},
	[VALIDATE_NOT_CONTAINS] = {holds_not_contains, "something that does not contain "},
	[VALIDATE_MATCHES] = {holds_matches, "a text that matches "},
	[VALIDATE_STARTS_WITH] = {holds_starts_with, "a text that starts with "},
	[VALIDATE_ENDS_WITH] = {holds_ends_with, "a text that ends with "},
	[VALIDATE_LEN_EQ] = {holds_len_eq, "a length of "},
	[VALIDATE_LEN_GTE] = {holds_len_gte, "a length of at least "},
	[VALIDATE_LEN_LTE] = {holds_len_lte, "a length of at most "},
	[VALIDATE_TYPE_IS] = {holds_type_is, "the type "},
};

static json_t *parse_argument(const struct manifest_validation *validation)
{
	const char *text = validation->argument;

	return text ? value_from_json(text, strlen(text)) : NULL;
}

static char *wanted_text(enum validator validator, const json_t *argument)
{
	auto_free char *value = argument ? value_text(argument, TEST_SHOWN_MAX) : xstrdup("");

	return xasprintf("%s%s", VALIDATORS[validator].wanted, value);
}

static char *got_text(const json_t *value, const struct err *why)
{
	auto_free char *text = value_text(value, TEST_SHOWN_MAX);

	return *why->text ? xasprintf("%s (%s)", text, why->text) : take_ptr(&text);
}

void judge(const json_t *root, const struct manifest_validation *validation,
	   struct verdict *verdict)
{
	const json_t *value = value_select(root, &validation->selector);
	json_t *argument = parse_argument(validation);
	struct err why = {0};

	verdict->wanted = wanted_text(validation->validator, argument);
	verdict->passed = value ? VALIDATORS[validation->validator].holds(value, argument, &why)
				: validation->validator == VALIDATE_NOT_EXISTS;
	verdict->got = value ? got_text(value, &why) : xstrdup("nothing");
	json_decref(argument);
}

void verdict_clear(struct verdict *verdict)
{
	free(verdict->got);
	free(verdict->wanted);
	*verdict = (struct verdict){0};
}
