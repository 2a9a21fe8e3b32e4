// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Which stored secret a workload means when it asks for a name, and whether it may have it. Pure.
 * What is not granted and what does not exist are the same answer.
 */
#include <stddef.h>

#include "base/err.h"

struct grant {
	char *name;	   // what the workload calls it
	char *kit;	   // the Kit that it belongs to in the store
	char *secret_name; // what it is called there
};

struct grants {
	struct grant *list;
	size_t count;
};

/* Copies. ERR_LIMIT over GRANTS_MAX, ERR_PROTOCOL when a field is empty, too long or doubled. */
must_check bool grants_add(struct grants *grants, const char *name, const char *kit,
			   const char *secret_name, struct err *err);
void grants_free(struct grants *grants);

/* Takes every grant of this secret, whatever the workload calls it; how many there were. */
size_t grants_revoke(struct grants *grants, const char *kit, const char *secret_name);

/* NULL: not granted. */
const struct grant *grants_find(const struct grants *grants, const char *name);
