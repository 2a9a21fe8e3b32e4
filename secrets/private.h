// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* Folders and files that belong to this user alone: made so, and refused when they are not. */
#include "base/err.h"

/*
 * <parent>/<name>, mode 0700, made when missing. Refused when somebody else owns it or may enter
 * it. Its descriptor, or -1. When `path` is not NULL, *path is the real path (SQLite is told to
 * follow no symlink, and a home folder may be behind one); the caller frees it.
 */
int private_folder(const char *parent, const char *name, char **path, struct err *err);

/* Refused when `fd` is no regular file of this user that only this user may read or write. */
must_check bool private_file_check(int fd, const char *path, struct err *err);
