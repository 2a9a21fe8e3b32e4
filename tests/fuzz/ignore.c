// SPDX-License-Identifier: GPL-3.0-or-later
/* A .gitignore of a stranger's Kit: the first line is a path, the rest the file. */
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "controller/package/ignore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = xstrndup((const char *)data, size);
	size_t line = strcspn(text, "\n");
	auto_free char *path = xstrndup(text, line);
	struct ignore_rules rules = {0};

	if (ignore_add(&rules, "", text + line)) {
		(void)ignore_fits(&rules, path, false);
		(void)ignore_fits(&rules, path, true);
	}
	ignore_free(&rules);
	return 0;
}
