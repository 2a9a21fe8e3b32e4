// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sidecar/route_table.h"

static size_t find(const char *const *paths, size_t n, const char *path)
{
	struct route_table table;
	size_t found;

	route_table_init(&table, paths, n);
	found = route_table_find(&table, http_text_of(path));
	route_table_free(&table);
	return found;
}

static void longest_by_segments(void **state)
{
	static const char *const all[] = {"/v1", "/v1/files", "/"};
	static const struct {
		const char *path;
		size_t found;
	} cases[] = {
		{"/", 2},
		{"/x", 2},
		{"/v1", 0},
		{"/v1/", 0},
		{"/v1x", 2},
		{"/v1-x", 2},
		{"/v1/models", 0},
		{"/v1/files", 1},
		{"/v1/files/3", 1},
		{"/v1/filesystem", 0},
		{"/v1/files-x", 0},
		{"/V1", 2},
		{"/v1%2fmodels", 2},
	};

	for (size_t i = 0; i < array_len(cases); i++)
		assert_int_equal(find(all, 3, cases[i].path), cases[i].found);
	assert_true(find(all, 2, "/") == ROUTE_NONE);
	assert_true(find(all, 0, "/") == ROUTE_NONE);
}

static void a_slash_at_the_end_says_nothing_more(void **state)
{
	static const char *const all[] = {"/a/", "/b", "/b/"};

	assert_int_equal(find(all, 3, "/a"), 0);
	assert_int_equal(find(all, 3, "/a/"), 0);
	assert_int_equal(find(all, 3, "/a/x"), 0);
	assert_true(find(all, 3, "/ax") == ROUTE_NONE);
	assert_int_equal(find(all, 3, "/b"), 2);
	assert_int_equal(find(all, 3, "/b/x"), 2);
}

static void has_this_very_path(void **state)
{
	static const char *const all[] = {"/a/", "/b", "/b/", "/b/c", "/"};
	struct route_table table;

	route_table_init(&table, all, array_len(all));
	for (size_t i = 0; i < array_len(all); i++)
		assert_true(route_table_has(&table, all[i]));
	assert_false(route_table_has(&table, "/a"));
	assert_false(route_table_has(&table, "/b/c/"));
	assert_false(route_table_has(&table, "/b/c/d"));
	assert_false(route_table_has(&table, ""));
	route_table_free(&table);
}

/* What a look through all of them finds. */
static size_t find_plainly(const char *const *paths, size_t n, const char *path)
{
	size_t found = ROUTE_NONE, best = 0;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(paths[i]);

		if (len && paths[i][len - 1] == '/')
			len--;
		if (strncmp(paths[i], path, len) != 0 || (path[len] && path[len] != '/'))
			continue;
		if (found != ROUTE_NONE && strlen(paths[i]) < best)
			continue;
		found = i;
		best = strlen(paths[i]);
	}
	return found;
}

/* Every set of up to three of these paths, and every one of them asked for. */
static void agrees_with_a_plain_search(void **state)
{
	static const char *const paths[] = {
		"/",	"/a",  "/a/",	"/a/b", "/a/b/", "/a/b/c", "/a-b",  "/a-b/c", "/a.",
		"/a!b", "/ab", "/ab/c", "/b",	"/b/a",	 "/a/bb",  "/a/b-", "/\x7f",  "/\xc3\xa4",
	};
	size_t n = array_len(paths);

	for (size_t set = 0; set < n * n * n; set++) {
		const char *const chosen[] = {paths[set % n], paths[set / n % n],
					      paths[set / n / n]};

		for (size_t i = 0; i < n; i++)
			assert_int_equal(find(chosen, 3, paths[i]),
					 find_plainly(chosen, 3, paths[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longest_by_segments),
		cmocka_unit_test(a_slash_at_the_end_says_nothing_more),
		cmocka_unit_test(has_this_very_path),
		cmocka_unit_test(agrees_with_a_plain_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
