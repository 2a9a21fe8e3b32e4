// SPDX-License-Identifier: GPL-3.0-or-later
/* Lists of what a person chose for a Kit, as flags and remembered answers make them. */
#include "base/mem.h"
#include "controller/app/plan.h"

void plan_value_add(struct plan_value **list, size_t *count, const char *key, const char *value)
{
	*list = xreallocarray(*list, *count + 1, sizeof(**list));
	(*list)[(*count)++] = (struct plan_value){.key = xstrdup(key), .value = xstrdup(value)};
}

void plan_values_free(struct plan_value *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(list[i].key);
		free(list[i].value);
	}
	free(list);
}
