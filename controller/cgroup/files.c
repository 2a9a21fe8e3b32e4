// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads and writes the small files of a group, each in one system call. */
#include "controller/cgroup/files.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

bool cgroup_file_read(int dir, const char *name, char text[CGROUP_FILE_MAX])
{
	auto_fd int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, CGROUP_FILE_MAX - 1) : -1;
	text[n > 0 ? n : 0] = '\0';
	return n >= 0;
}

bool cgroup_file_write(int dir, const char *name, const char *text)
{
	auto_fd int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}
