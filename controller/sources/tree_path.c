// SPDX-License-Identifier: GPL-3.0-or-later
/* Paths between the Kits of one archive or one repository; see tree_path.h. */
#include "controller/sources/tree_path.h"

#include "base/mem.h"

char *tree_path_join(const char *from, const char *path)
{
	char *joined = xmalloc(strlen(from) + strlen(path) + 2);
	size_t len = strlen(from);
	memcpy(joined, from, len + 1);
	while (*path) {
		size_t part = strcspn(path, "/");
		if (part == 2 && memcmp(path, "..", 2) == 0) {
			if (len == 0) {
				free(joined);
				return NULL;
			}
			while (len > 0 && joined[--len] != '/')
				;
		} else if (part && !(part == 1 && path[0] == '.')) {
			if (len)
				joined[len++] = '/';
			memcpy(joined + len, path, part);
			len += part;
		}
		path += part + (path[part] == '/');
	}
	joined[len] = '\0';
	return joined;
}
