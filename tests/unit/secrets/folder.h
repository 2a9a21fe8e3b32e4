// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* A folder of its own for each test of secrets/, gone afterwards. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"

static inline int folder_setup(void **state)
{
	char *folder = xstrdup("/tmp/capakit-secrets-XXXXXX");

	*state = folder;
	return mkdtemp(folder) ? 0 : -1;
}

static inline int folder_teardown(void **state)
{
	char *folder = *state;
	struct err err;
	int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool removed = path_remove_tree(tmp, strrchr(folder, '/') + 1, &err);

	close(tmp);
	free(folder);
	return removed ? 0 : -1;
}

#define folder_test(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
