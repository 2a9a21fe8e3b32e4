// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * PCRE2 and not regcomp(3): people write `\d+` and `(?i)` here, as in JavaScript, which POSIX does
 * not know; and PCRE2 counts its steps, where glibc's memory and time have no bound that a caller
 * could set.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "controller/tester/regex.h"

#include <pcre2.h>

#include "base/limits.h"
#include "base/mem.h"

static bool fail(struct err *err, enum err_code code, int number)
{
	PCRE2_UCHAR text[256];

	pcre2_get_error_message(number, text, sizeof(text));
	return err_set(err, code, "the pattern cannot be used: %s", (const char *)text);
}

static pcre2_code *compile(const char *pattern, size_t len, struct err *err)
{
	int number;
	PCRE2_SIZE offset;
	pcre2_code *code = NULL;

	if (len > TEST_PATTERN_MAX)
		err_set(err, ERR_LIMIT, "the pattern is longer than %zu bytes", TEST_PATTERN_MAX);
	else if (!(code = pcre2_compile((PCRE2_SPTR)pattern, len,
					PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &number, &offset,
					NULL)))
		fail(err, ERR_USAGE, number);
	return code;
}

static pcre2_match_context *bounded_context(void)
{
	pcre2_match_context *context = pcre2_match_context_create(NULL);

	if (!context)
		abort();
	pcre2_set_match_limit(context, TEST_MATCH_STEPS);
	pcre2_set_depth_limit(context, TEST_MATCH_STEPS);
	pcre2_set_heap_limit(context, TEST_MATCH_HEAP / KIB);
	return context;
}

static bool run(const pcre2_code *code, const char *text, size_t len, bool *matches,
		struct err *err)
{
	pcre2_match_context *context = bounded_context();
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
	int result;

	if (!data)
		abort();
	result = pcre2_match(code, (PCRE2_SPTR)text, len, 0, 0, data, context);
	pcre2_match_data_free(data);
	pcre2_match_context_free(context);
	*matches = result >= 0;
	if (result >= 0 || result == PCRE2_ERROR_NOMATCH)
		return true;
	if (result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT ||
	    result == PCRE2_ERROR_HEAPLIMIT)
		return err_set(err, ERR_LIMIT,
			       "the pattern takes more than %u steps on this text; write one that "
			       "tries less",
			       TEST_MATCH_STEPS);
	return fail(err, ERR_PROTOCOL, result);
}

bool regex_matches(const char *pattern, size_t pattern_len, const char *text, size_t text_len,
		   bool *matches, struct err *err)
{
	pcre2_code *code = compile(pattern, pattern_len, err);
	bool ok = code && run(code, text, text_len, matches, err);

	pcre2_code_free(code);
	return ok;
}
