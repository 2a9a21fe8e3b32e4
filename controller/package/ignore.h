// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Which files of a Kit its .gitignore files leave out, as gitignore(5) says: patterns of deeper
 * files and later lines win, `!` takes back. Of git's other lists (those of the user, of the
 * repository, of folders above the Kit) none is read. Pure.
 */
#include <stdbool.h>
#include <stddef.h>

#define IGNORE_FILE ".gitignore"

struct ignore_rule {
	char *folder;  // where its file lies, relative to the Kit; "" for the Kit itself
	char *pattern; // without what the flags say
	bool takes_back;
	bool folders_only;
	bool anchored; // fits the path from `folder` on, else any name below it
};

struct ignore_rules { // zeroed before use; in the order in which they were read
	struct ignore_rule *list;
	size_t count;
};

/* The lines of one file; what is over IGNORE_RULES_MAX is an error of the caller's: false. */
bool ignore_add(struct ignore_rules *rules, const char *folder, const char *text);
void ignore_free(struct ignore_rules *rules);

/* Is this path, relative to the Kit, left out? What is in a folder that is left out is not asked.
 */
bool ignore_fits(const struct ignore_rules *rules, const char *path, bool folder);

/* Does `text` fit the pattern with *, ?, [...], \ and ** as gitignore(5) has them? */
bool ignore_pattern_fits(const char *pattern, const char *text);
