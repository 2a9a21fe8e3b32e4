// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The decision "may this workload of this Kit have it?" is a look-up in the list that came with
 * the workload's channel: names are compared whole, and mean nothing beyond that list.
 */
#include "secrets/grants.h"

#include "base/limits.h"
#include "base/mem.h"

static bool acceptable(const char *text)
{
	size_t len = strnlen(text, SECRET_NAME_MAX + 1);

	return len > 0 && len <= SECRET_NAME_MAX;
}

bool grants_add(struct grants *grants, const char *name, const char *kit, const char *secret_name,
		struct err *err)
{
	if (grants->count >= GRANTS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d secrets granted to one workload",
			       GRANTS_MAX);
	if (!acceptable(name) || !acceptable(kit) || !acceptable(secret_name))
		return err_set(err, ERR_PROTOCOL,
			       "a grant whose name is empty or longer than %d bytes",
			       SECRET_NAME_MAX);
	if (grants_find(grants, name))
		return err_set(err, ERR_PROTOCOL, "two grants of one name: %s", name);
	grants->list = xreallocarray(grants->list, grants->count + 1, sizeof(*grants->list));
	grants->list[grants->count++] = (struct grant){
		.name = xstrdup(name),
		.kit = xstrdup(kit),
		.secret_name = xstrdup(secret_name),
	};
	return true;
}

const struct grant *grants_find(const struct grants *grants, const char *name)
{
	for (size_t i = 0; i < grants->count; i++)
		if (str_eq(grants->list[i].name, name))
			return &grants->list[i];
	return NULL;
}

static void clear(struct grant *grant)
{
	free(grant->name);
	free(grant->kit);
	free(grant->secret_name);
}

size_t grants_revoke(struct grants *grants, const char *kit, const char *secret_name)
{
	size_t before = grants->count, kept = 0;

	for (size_t i = 0; i < before; i++) {
		struct grant *grant = &grants->list[i];

		if (str_eq(grant->kit, kit) && str_eq(grant->secret_name, secret_name))
			clear(grant);
		else
			grants->list[kept++] = *grant;
	}
	grants->count = kept;
	return before - kept;
}

void grants_free(struct grants *grants)
{
	for (size_t i = 0; i < grants->count; i++)
		clear(&grants->list[i]);
	free(grants->list);
	*grants = (struct grants){0};
}
