// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "controller/cli/status_tree.h"

typedef Capakit__Control__V1__Workload workload;

/* The rows as text: two spaces for each level, dependencies with a colon. */
static void shows(const char *const *names, size_t count, const char *wanted)
{
	workload of[8];
	workload *list[8];
	auto_buf struct buf text;
	size_t n_rows;

	buf_init(&text, 4 * KIB);
	for (size_t i = 0; i < count; i++) {
		capakit__control__v1__workload__init(&of[i]);
		of[i].key = (char *)(uintptr_t)names[i];
		list[i] = &of[i];
	}
	auto_free struct status_row *rows = status_tree(list, count, &n_rows);
	for (size_t i = 0; i < n_rows; i++)
		buf_printf(&text, "%*s%.*s%s\n", (int)(2 * rows[i].depth), "",
			   (int)rows[i].text_len, rows[i].text, rows[i].workload ? "" : ":");
	auto_free char *got = buf_take_str(&text);
	assert_string_equal(got, wanted);
}

static void a_kit_alone_is_a_list(void **unused)
{
	static const char *const names[] = {"web", "archive"};
	shows(names, 2, "archive\nweb\n");
	shows(names, 0, "");
}

static void dependencies_stand_below_the_kits_own(void **unused)
{
	static const char *const names[] = {"serve", "b:serve", "a:c:serve", "a:serve", "b-b:x"};
	shows(names, 5,
	      "serve\n"
	      "a:\n  serve\n  c:\n    serve\n"
	      "b:\n  serve\n"
	      "b-b:\n  x\n");
}

static void a_kit_without_workloads_has_its_row(void **unused)
{
	static const char *const names[] = {"a:b:one", "a:b:two", "a:bb:one"};
	shows(names, 3, "a:\n  b:\n    one\n    two\n  bb:\n    one\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kit_alone_is_a_list),
		cmocka_unit_test(dependencies_stand_below_the_kits_own),
		cmocka_unit_test(a_kit_without_workloads_has_its_row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
