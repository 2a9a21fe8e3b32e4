// SPDX-License-Identifier: GPL-3.0-or-later
/* The schemas that are built in, by name. */
#include "controller/schema/schema.h"

#include "base/mem.h"

#define SUFFIX ".json"

extern const struct embedded_file SCHEMA_FILES[];
extern const size_t SCHEMA_FILES_count;

const struct embedded_file *schema_at(size_t index)
{
	return index < SCHEMA_FILES_count ? &SCHEMA_FILES[index] : NULL;
}

char *schema_name(const struct embedded_file *schema)
{
	return xstrndup(schema->name, strlen(schema->name) - strlen(SUFFIX));
}

static const struct embedded_file *find_file(const char *file)
{
	for (size_t i = 0; i < SCHEMA_FILES_count; i++)
		if (str_eq(SCHEMA_FILES[i].name, file))
			return &SCHEMA_FILES[i];
	return NULL;
}

const struct embedded_file *schema_find(const char *name)
{
	auto_free char *file = xasprintf("%s" SUFFIX, name);
	auto_free char *of_kit = xasprintf("kit-%s", file);
	const struct embedded_file *found = find_file(file);
	return found ? found : find_file(of_kit);
}
