// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <string.h>

#include "base/mem.h"
#include "controller/unpack/entry_name.h"

static void used_as(const char *name, bool folder, const char *expected)
{
	char used[SOURCE_PATH_MAX + 1];
	struct err err = {0};
	if (!entry_name_check(name, folder, used, &err))
		fail_msg("%s: %s", name, err.text);
	assert_string_equal(used, expected);
}

static void refused(const char *name, bool folder, const char *why)
{
	char used[SOURCE_PATH_MAX + 1];
	struct err err = {0};
	if (entry_name_check(name, folder, used, &err))
		fail_msg("%s is used as %s", name, used);
	if (!strstr(err.text, why))
		fail_msg("%s: %s", name, err.text);
}

static void names_that_are_used(void **unused)
{
	used_as("capability.yml", false, "capability.yml");
	used_as("./a/b.ts", false, "a/b.ts");
	used_as("a/b/", true, "a/b");
	used_as("./", true, "");
	used_as(".", true, "");
	used_as("..a/...", false, "..a/...");
	used_as(".gitignore", false, ".gitignore");
	used_as("größe/日本", false, "größe/日本");
	used_as("a b\\c", false, "a b\\c");
}

static void names_that_are_refused(void **unused)
{
	refused("/etc/passwd", false, "absolute");
	refused("../x", false, "\"..\"");
	refused("a/../../x", false, "\"..\"");
	refused("a/..", true, "\"..\"");
	refused("./../x", false, "\"..\"");
	refused(".//etc/passwd", false, "empty");
	refused("a//b", false, "empty");
	refused("a/./b", false, "\".\"");
	refused("././a", false, "\".\"");
	refused("a/", false, "empty");
	refused("", false, "empty");
	refused(".", false, "\".\"");
	refused("a/.git/hooks/x", false, ".git");
	refused(".GiT/config", false, ".git");
	refused("a\nb", false, "cannot be shown");
	refused("a\tb", false, "cannot be shown");
	refused("a\x1b[2Jb", false, "cannot be shown");
	refused("a\xff", false, "cannot be shown");
	refused("a\xe2\x80\xae"
		"b",
		false, "cannot be shown"); // right to left from here
}

static void names_that_are_too_long(void **unused)
{
	char name[2 * SOURCE_PATH_MAX];
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	refused(name, false, "more than 1024 bytes");
	name[256] = '\0';
	refused(name, false, "component of more than 255");
	name[255] = '\0';
	used_as(name, false, name);
	for (size_t i = 0; i < 2 * SNAPSHOT_DEPTH_MAX; i++)
		name[i] = i % 2 ? '/' : 'a';
	name[2 * SNAPSHOT_DEPTH_MAX - 1] = '\0';
	used_as(name, false, name);
	name[2 * SNAPSHOT_DEPTH_MAX - 1] = '/';
	name[2 * SNAPSHOT_DEPTH_MAX] = 'a';
	name[2 * SNAPSHOT_DEPTH_MAX + 1] = '\0';
	refused(name, false, "64 folders deep");
}

static void symlinks(void **unused)
{
	static const struct {
		const char *path, *target;
		bool stays;
	} cases[] = {
		{"a", "b", true},
		{"a", "b/../c", true},
		{"a/b", "../c", true},
		{"a/b/c", "../../d", true},
		{"a", ".", true},
		{"a/b", "..", true},
		{"a", "..", false},
		{"a", "../x", false},
		{"a/b", "../../x", false},
		{"a", "b/../../a", false},
		{"a", "/etc", false},
		{"a", "", false},
		{"a/b", "../../a/b", false},
		{"a", "x//../..", false},
	};
	for (size_t i = 0; i < array_len(cases); i++) {
		struct err err = {0};
		if (entry_link_check(cases[i].path, cases[i].target, &err) != cases[i].stays)
			fail_msg("%s -> %s: %s", cases[i].path, cases[i].target, err.text);
	}
}

static void fold_to(const char *name, const char *expected)
{
	auto_free char *folded = entry_name_fold(name);
	assert_string_equal(folded, expected);
}

static void folding(void **unused)
{
	fold_to("README.md", "readme.md");
	fold_to("GRÖßE", "größe");
	fold_to("ΑΒΓ", "αβγ");
	fold_to("a\xff"
		"B",
		"a\xff"
		"b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_are_used),
		cmocka_unit_test(names_that_are_refused),
		cmocka_unit_test(names_that_are_too_long),
		cmocka_unit_test(symlinks),
		cmocka_unit_test(folding),
	};
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
