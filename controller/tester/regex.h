// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Regular expressions of test cases (pcre2pattern(3)). Both the pattern, a Kit's, and the text, a
 * workload's, are foreign: what a match may cost is bounded, and more is an error with a name.
 */
#include <stddef.h>

#include "base/err.h"

/*
 * Does `text` match anywhere? Both are UTF-8. False: ERR_USAGE, the pattern is wrong; ERR_LIMIT, it
 * is too long (TEST_PATTERN_MAX) or would take too many steps (TEST_MATCH_STEPS).
 */
must_check bool regex_matches(const char *pattern, size_t pattern_len, const char *text,
			      size_t text_len, bool *matches, struct err *err);
