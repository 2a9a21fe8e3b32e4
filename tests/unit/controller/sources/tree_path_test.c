// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "controller/sources/tree_path.h"

static void joins(void **unused)
{
	static const struct {
		const char *from, *path, *joined;
	} cases[] = {
		{"", "leaf", "leaf"},
		{"", "./leaf/", "leaf"},
		{"", ".", ""},
		{"kits/app", "../leaf", "kits/leaf"},
		{"kits/app", "../..", ""},
		{"kits/app", "../../x//y/./z", "x/y/z"},
		{"app", "..", ""},
		{"", "a/../b", "b"},
		{"", "..", NULL},
		{"", "../app", NULL},
		{"kits/app", "../../..", NULL},
		{"app", "../../app", NULL},
		{"", "a/../../b", NULL},
		{"", "..a/...", "..a/..."},
	};
	for (size_t i = 0; i < array_len(cases); i++) {
		auto_free char *joined = tree_path_join(cases[i].from, cases[i].path);
		if (!cases[i].joined ? joined != NULL : !str_eq(joined, cases[i].joined))
			fail_msg("%s + %s: %s", cases[i].from, cases[i].path,
				 joined ? joined : "leads out");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(joins)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
