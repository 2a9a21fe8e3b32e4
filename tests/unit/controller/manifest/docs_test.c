// SPDX-License-Identifier: GPL-3.0-or-later
/* docs/manifest.md names every key that the tables read, and every key that it lists is read. */
#include "tests/unit/controller/manifest/check.h"

#include <fcntl.h>

#include "base/fd.h"
#include "base/limits.h"
#include "controller/manifest/fields.h"

static char *page;

static int setup(void **state)
{
	auto_fd int fd = open(CAPAKIT_MANIFEST_PAGE, O_RDONLY | O_CLOEXEC);
	struct err err = {0};
	size_t len;

	assert_true(fd >= 0);
	assert_true(fd_read_all(fd, MIB, &page, &len, &err));
	return 0;
}

static int teardown(void **state)
{
	free(page);
	return 0;
}

/* The row of a key in the table of its mapping. */
static bool section_has_row(const char *section, const struct field *field)
{
	const char *end = strstr(section + 1, "\n### ");
	auto_free char *row = xasprintf("\n| `%s` | %s%s |\n", field->key,
					field->required ? "required: " : "", field->about);
	const char *found = strstr(section, row);

	if (!found || (end && found > end))
		print_error("this row is missing:%s", row);
	return found && (!end || found < end);
}

static void test_every_key_is_described(void **state)
{
	for (size_t i = 0; manifest_mappings[i]; i++) {
		const struct mapping *mapping = manifest_mappings[i];
		auto_free char *heading = xasprintf("\n### The keys of %s\n", mapping->what);
		const char *section = strstr(page, heading);

		if (!section)
			fail_msg("no section \"The keys of %s\"", mapping->what);
		for (size_t j = 0; j < mapping->count; j++) {
			if (mapping->fields[j].read &&
			    !section_has_row(section, &mapping->fields[j]))
				fail_msg("%s: the key \"%s\" is not described", mapping->what,
					 mapping->fields[j].key);
		}
	}
}

static bool is_key(const char *row)
{
	size_t len = strcspn(row, "`");

	for (size_t i = 0; manifest_mappings[i]; i++) {
		const struct mapping *mapping = manifest_mappings[i];

		for (size_t j = 0; j < mapping->count; j++) {
			if (strlen(mapping->fields[j].key) == len &&
			    memcmp(mapping->fields[j].key, row, len) == 0)
				return true;
		}
	}
	return false;
}

static void test_nothing_else_is_described(void **state)
{
	const char *row = strstr(page, "\n### The keys of ");

	assert_non_null(row);
	while ((row = strstr(row, "\n| `"))) {
		row += 4;
		if (!is_key(row))
			fail_msg("there is no key %.30s", row);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_key_is_described),
		cmocka_unit_test(test_nothing_else_is_described),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
