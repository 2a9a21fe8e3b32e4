// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* The small files of a group. For the files of this folder. */
#include <stdbool.h>

#define CGROUP_FILE_MAX                                                                            \
	4096 // what they hold is a few lines; /proc/self/mountinfo is read elsewhere

/* The whole of the file `name` in the folder `dir`; false when it cannot be read. */
bool cgroup_file_read(int dir, const char *name, char text[CGROUP_FILE_MAX]);

/* Writes it in one go, as the kernel wants it; false with errno. */
bool cgroup_file_write(int dir, const char *name, const char *text);
