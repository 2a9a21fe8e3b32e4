// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "controller/sources/git_refs.h"

#define ID(digit) digit digit digit digit digit digit digit digit
#define A ID("aaaaa")
#define B ID("bbbbb")
#define C ID("ccccc")
#define D ID("ddddd")

static const char listing[] =
	A "\tHEAD\n"
	  "not a line\n"
	  "short\trefs/heads/short\n" A "\trefs/heads/main\n" B "\trefs/heads/both\n" C
	  "\trefs/tags/both\n" C "\trefs/tags/v1\n" D "\trefs/tags/v1^{}\n" B
	  "\trefs/tags/light\n" B "\trefs/heads/feature/x";

static void finds(const char *ref, const char *expected)
{
	char commit[GIT_COMMIT_HEX];
	struct err err = {0};
	if (!git_refs_find(listing, strlen(listing), ref, commit, &err))
		fail_msg("%s: %s", ref, err.text);
	assert_string_equal(commit, expected);
}

static void found(void **unused)
{
	finds(NULL, A);
	finds("main", A);
	finds("both", B); // a branch goes before a tag
	finds("v1", D);	  // what it points to
	finds("light", B);
	finds("feature/x", B);
	finds(ID("01234"), ID("01234"));
}

static void misses(const char *ref, const char *says)
{
	char commit[GIT_COMMIT_HEX];
	struct err err = {0};
	assert_false(git_refs_find(listing, strlen(listing), ref, commit, &err));
	assert_int_equal(err.code, ERR_MISSING);
	if (!strstr(err.text, says))
		fail_msg("%s", err.text);
}

static void not_found(void **unused)
{
	struct err err;
	char commit[GIT_COMMIT_HEX];
	misses("mian", "did you mean #main?");
	misses("feature", "no branch or tag feature");
	misses("short", "no branch or tag short");
	misses("HEAD", "no branch or tag HEAD");
	misses("aaaaaaa", "all of its 40 digits");
	assert_false(git_refs_find("", 0, NULL, commit, &err));
	assert_int_equal(err.code, ERR_MISSING);
	assert_false(git_refs_find("\n\t\n", 3, "x", commit, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(found), cmocka_unit_test(not_found)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
