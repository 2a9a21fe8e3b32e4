// SPDX-License-Identifier: GPL-3.0-or-later
#include "log_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path.h"

static char folder_path[] = "/tmp/capakit-test-XXXXXX";

int log_folder_make(void)
{
	int fd;

	memcpy(folder_path + sizeof(folder_path) - 7, "XXXXXX", 6);
	assert_non_null(mkdtemp(folder_path));
	fd = open(folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

void log_folder_remove(int *folder)
{
	auto_fd int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err err;

	fd_close(folder);
	assert_true(path_remove_tree(parent, strrchr(folder_path, '/') + 1, &err));
}

char *log_file_read(int folder, const char *name, size_t *len)
{
	auto_fd int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	struct err err;
	char *data;

	assert_true(fd >= 0);
	assert_true(fd_read_all(fd, 4 * LOG_FILE_MAX, &data, len, &err));
	return data;
}

void log_file_append(int folder, const char *name, const char *text)
{
	auto_fd int fd = openat(folder, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct err err;

	assert_true(fd >= 0);
	assert_true(fd_write_all(fd, text, strlen(text), &err));
}
