// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The little language of test cases: `$`, members by `.name` or `["name"]`, elements by `[n]`, and
 * for validations a last `.validator(argument)` whose argument is JSON.
 */
#include "controller/manifest/selector.h"

#include <jansson.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "controller/manifest/fields.h"

#define STEPS_MAX 64
#define INDEX_MAX 1000000000

enum argument { NO_ARGUMENT, ANY_JSON, A_NUMBER, A_STRING, A_LENGTH, A_TYPE };

static const struct {
	const char *name;
	enum argument argument;
} VALIDATORS[] = {
	[VALIDATE_EQ] = {"eq", ANY_JSON},
	[VALIDATE_NE] = {"ne", ANY_JSON},
	[VALIDATE_GT] = {"gt", A_NUMBER},
	[VALIDATE_GTE] = {"gte", A_NUMBER},
	[VALIDATE_LT] = {"lt", A_NUMBER},
	[VALIDATE_LTE] = {"lte", A_NUMBER},
	[VALIDATE_EXISTS] = {"exists", NO_ARGUMENT},
	[VALIDATE_NOT_EXISTS] = {"not_exists", NO_ARGUMENT},
	[VALIDATE_CONTAINS] = {"contains", ANY_JSON},
	[VALIDATE_NOT_CONTAINS] = {"not_contains", ANY_JSON},
	[VALIDATE_MATCHES] = {"matches", A_STRING},
	[VALIDATE_STARTS_WITH] = {"starts_with", A_STRING},
	[VALIDATE_ENDS_WITH] = {"ends_with", A_STRING},
	[VALIDATE_LEN_EQ] = {"lenEq", A_LENGTH},
	[VALIDATE_LEN_GTE] = {"lenGte", A_LENGTH},
	[VALIDATE_LEN_LTE] = {"lenLte", A_LENGTH},
	[VALIDATE_TYPE_IS] = {"typeIs", A_TYPE},
};

static const char *const TYPES[] = {"string", "number", "boolean", "object", "array", "null"};

const char *manifest_validator_name(enum validator validator)
{
	return (size_t)validator < array_len(VALIDATORS) ? VALIDATORS[validator].name : "unknown";
}

struct scan {
	const char *text;
	size_t at;
	struct manifest_selector *selector;
	struct selector_fault *fault;
};

static bool refuse(struct scan *scan, const char *suggestion, const char *why)
{
	scan->fault->offset = scan->at;
	scan->fault->suggestion = suggestion;
	snprintf(scan->fault->text, sizeof(scan->fault->text), "%s", why);
	return false;
}

/* ---- steps ---- */

static size_t name_length(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
}

static bool add_step(struct scan *scan, char *name, uint64_t index)
{
	if (scan->selector->n_steps == STEPS_MAX) {
		free(name);
		return refuse(scan, NULL, "it has too many steps");
	}
	*APPEND(scan->selector, steps) = (struct manifest_step){name, index};
	return true;
}

/* ["name"] or ['name']; the quote ends at the next one, there are no escapes. */
static bool quoted_step(struct scan *scan)
{
	const char *begin = scan->text + scan->at + 2;
	const char *end = strchr(begin, begin[-1]);

	if (!end || end[1] != ']')
		return refuse(scan, NULL, "\"[\" has no \"]\" behind its quotes");
	size_t step_end = (size_t)(end + 2 - scan->text);
	if (!add_step(scan, xstrndup(begin, (size_t)(end - begin)), 0))
		return false;
	scan->at = step_end;
	return true;
}

static bool bracket_step(struct scan *scan)
{
	const char *begin = scan->text + scan->at + 1;
	uint64_t index;

	if (*begin == '"' || *begin == '\'')
		return quoted_step(scan);
	size_t len = strcspn(begin, "]");
	if (begin[len] != ']' || !num_parse_u64(begin, len, INDEX_MAX, &index))
		return refuse(scan, NULL, "\"[...]\" holds an index or a name in quotes");
	if (!add_step(scan, NULL, index))
		return false;
	scan->at += len + 2;
	return true;
}

/* Stops at the end, or at the "." of a `.name(`. */
static bool scan_steps(struct scan *scan)
{
	if (scan->text[0] != '$')
		return refuse(scan, NULL, "it has to begin with \"$\"");
	scan->at = 1;
	while (scan->text[scan->at]) {
		if (scan->text[scan->at] == '[') {
			if (!bracket_step(scan))
				return false;
			continue;
		}
		const char *name = scan->text + scan->at + 1;
		size_t len = name_length(name);

		if (scan->text[scan->at] != '.' || !len)
			return refuse(scan, NULL, "expected \".name\" or \"[index]\" here");
		if (name[len] == '(')
			return true;
		if (!add_step(scan, xstrndup(name, len), 0))
			return false;
		scan->at += 1 + len;
	}
	return true;
}

static bool scan_whole(struct scan *scan)
{
	if (!scan_steps(scan))
		return false;
	if (scan->text[scan->at])
		return refuse(scan, NULL, "a validator has no place here, only what is selected");
	return true;
}

bool selector_parse(const char *text, struct manifest_selector *selector,
		    struct selector_fault *fault)
{
	struct scan scan = {.text = text, .selector = selector, .fault = fault};

	*selector = (struct manifest_selector){0};
	*fault = (struct selector_fault){0};
	if (!scan_whole(&scan)) {
		selector_clear(selector);
		return false;
	}
	selector->text = xstrdup(text);
	return true;
}

void selector_clear(struct manifest_selector *selector)
{
	for (size_t i = 0; i < selector->n_steps; i++)
		free(selector->steps[i].name);
	free(selector->steps);
	free(selector->text);
	*selector = (struct manifest_selector){0};
}

/* ---- validators ---- */

static bool is_type_name(const json_t *value)
{
	for (size_t i = 0; i < array_len(TYPES); i++) {
		if (str_eq(json_string_value(value), TYPES[i]))
			return true;
	}
	return false;
}

/* NULL: fine; else what the validator takes. */
static const char *argument_fault(enum argument expected, const json_t *value)
{
	switch (expected) {
	case A_NUMBER:
		return json_is_number(value) ? NULL : "it takes a number";
	case A_STRING:
		return json_is_string(value) ? NULL : "it takes a text in quotes";
	case A_LENGTH:
		return json_is_integer(value) && json_integer_value(value) >= 0
			       ? NULL
			       : "it takes a length: a whole number from 0";
	case A_TYPE:
		return is_type_name(value)
			       ? NULL
			       : "it takes one of \"string\", \"number\", \"boolean\", \"object\", "
				 "\"array\", \"null\"";
	default:
		return NULL;
	}
}

/* The argument between the parentheses; `close` is the offset of the last one. */
static bool scan_argument(struct scan *scan, size_t close, struct manifest_validation *validation)
{
	enum argument expected = VALIDATORS[validation->validator].argument;
	auto_free char *text = xstrndup(scan->text + scan->at, close - scan->at);

	if (expected == NO_ARGUMENT)
		return text[strspn(text, " ")] ? refuse(scan, NULL, "it takes no argument") : true;
	json_error_t ignored;
	json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &ignored);

	if (!value)
		return refuse(scan, NULL,
			      "its argument has to be one JSON value, texts in \"...\"");
	const char *fault = argument_fault(expected, value);
	json_decref(value);
	if (fault)
		return refuse(scan, NULL, fault);
	validation->argument = take_ptr(&text);
	return true;
}

static bool find_validator(struct scan *scan, size_t len, enum validator *validator)
{
	const char *names[array_len(VALIDATORS)];
	auto_free char *name = xstrndup(scan->text + scan->at, len);

	for (size_t i = 0; i < array_len(VALIDATORS); i++) {
		names[i] = VALIDATORS[i].name;
		if (str_eq(name, names[i])) {
			*validator = (enum validator)i;
			return true;
		}
	}
	auto_free char *why = xasprintf("there is no validator \"%.60s\"", name);
	return refuse(scan, text_nearest(name, names, array_len(names)), why);
}

static bool scan_validation(struct scan *scan, struct manifest_validation *validation)
{
	if (!scan_steps(scan))
		return false;
	if (!scan->text[scan->at])
		return refuse(scan, NULL,
			      "a validator such as \".exists()\" is missing at its end");
	size_t len = name_length(scan->text + ++scan->at);
	if (!find_validator(scan, len, &validation->validator))
		return false;
	scan->at += len + 1;
	size_t end = strlen(scan->text);

	if (scan->text[end - 1] != ')')
		return refuse(scan, NULL, "\"(\" has no \")\" at the end");
	return scan_argument(scan, end - 1, validation);
}

bool validation_parse(const char *text, struct manifest_validation *validation,
		      struct selector_fault *fault)
{
	*validation = (struct manifest_validation){0};
	*fault = (struct selector_fault){0};
	struct scan scan = {.text = text, .selector = &validation->selector, .fault = fault};

	if (!scan_validation(&scan, validation)) {
		validation_clear(validation);
		return false;
	}
	validation->text = xstrdup(text);
	return true;
}

void validation_clear(struct manifest_validation *validation)
{
	selector_clear(&validation->selector);
	free(validation->text);
	free(validation->argument);
	*validation = (struct manifest_validation){0};
}
