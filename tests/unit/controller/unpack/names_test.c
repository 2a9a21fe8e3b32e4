// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "controller/unpack/names.h"

struct fixture {
	struct names *names;
	char parents[256]; // as they were told, each followed by a space
	struct err err;
};

static bool on_parent(void *owner, const char *name, struct err *err)
{
	struct fixture *fixture = owner;
	size_t len = strlen(fixture->parents);
	snprintf(fixture->parents + len, sizeof(fixture->parents) - len, "%s ", name);
	return true;
}

static enum names_added add(struct fixture *fixture, const char *name, bool folder)
{
	return names_add(fixture->names, name, folder, on_parent, fixture, &fixture->err);
}

static void parents_come_first_and_once(void **unused)
{
	struct fixture fixture = {.names = names_new()};
	assert_int_equal(add(&fixture, "a/b/c", false), NAMES_NEW);
	assert_string_equal(fixture.parents, "a a/b ");
	assert_int_equal(add(&fixture, "a/b/d", false), NAMES_NEW);
	assert_int_equal(add(&fixture, "a/b", true), NAMES_KNOWN);
	assert_string_equal(fixture.parents, "a a/b ");
	assert_int_equal(names_count(fixture.names), 4);
	assert_int_equal(add(&fixture, "e", true), NAMES_NEW);
	assert_int_equal(add(&fixture, "e/f", false), NAMES_NEW);
	assert_string_equal(fixture.parents, "a a/b ");
	names_free(&fixture.names);
}

static void collisions(void **unused)
{
	static const struct {
		const char *name;
		bool folder;
		const char *why;
	} cases[] = {
		{"file", false, "twice"},
		{"file", true, "twice"},
		{"FILE", false, "differ only in case"},
		{"file/below", false, "below file, which is no folder"},
		{"folder", true, "twice"},
		{"folder", false, "twice"},
		{"implied", false, "twice"},
		{"Folder/x", false, "differ only in case"},
		{"IMPLIED", true, "differ only in case"},
	};
	for (size_t i = 0; i < array_len(cases); i++) {
		struct fixture fixture = {.names = names_new()};
		assert_int_equal(add(&fixture, "file", false), NAMES_NEW);
		assert_int_equal(add(&fixture, "folder", true), NAMES_NEW);
		assert_int_equal(add(&fixture, "implied/x", false), NAMES_NEW);
		assert_int_equal(add(&fixture, cases[i].name, cases[i].folder), NAMES_REFUSED);
		if (!strstr(fixture.err.text, cases[i].why))
			fail_msg("%s: %s", cases[i].name, fixture.err.text);
		names_free(&fixture.names);
	}
}

static void many(void **unused)
{
	struct fixture fixture = {.names = names_new()};
	char name[16];
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 5000; i++) {
			snprintf(name, sizeof(name), "n%d", i);
			assert_int_equal(add(&fixture, name, false),
					 round ? NAMES_REFUSED : NAMES_NEW);
		}
	assert_int_equal(names_count(fixture.names), 5000);
	names_free(&fixture.names);
	names_free(&fixture.names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parents_come_first_and_once),
		cmocka_unit_test(collisions),
		cmocka_unit_test(many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
