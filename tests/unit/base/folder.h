// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* A fresh folder for each test, removed with all that is in it after the test. */
#include <fcntl.h>
#include <stdlib.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"

static char *folder; // absolute, short
static int folder_fd = -1;

static int folder_make(void **state)
{
	folder = xstrdup("/tmp/capakit-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder_fd < 0 ? -1 : 0;
}

static int folder_remove(void **state)
{
	auto_fd int above = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct err err;

	fd_close(&folder_fd);
	if (!path_remove_tree(above, folder + strlen("/tmp/"), &err))
		return -1;
	free(take_ptr(&folder));
	return 0;
}
