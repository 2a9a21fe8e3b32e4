// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The names of an archive that have been seen, to refuse one that comes twice, that differs from
 * another only in case, or that lies below something that is no folder. Pure; bounded by
 * SOURCE_ENTRIES_MAX through its caller.
 */
#include <stddef.h>

#include "base/err.h"

struct names; // opaque

struct names *names_new(void);
void names_free(struct names **names);
size_t names_count(const struct names *names);

enum names_added {
	NAMES_REFUSED,
	NAMES_NEW,
	NAMES_KNOWN, // a folder that had to be there already for what lies in it
};

/*
 * Adds an entry, named as entry_name_check() gives it. For each folder above it that no entry has
 * named yet, `parent` is called first, with its name. NAMES_REFUSED comes with an error, from here
 * or from `parent`.
 */
enum names_added names_add(struct names *names, const char *name, bool folder,
			   bool (*parent)(void *owner, const char *name, struct err *err),
			   void *owner, struct err *err);
