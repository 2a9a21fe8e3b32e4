// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* A new Kit: the files of this folder's kit/, with the Kit's name in them. */
#include "base/err.h"

/*
 * Writes them below `folder`, which is made when it is missing. When one of them is there already
 * nothing is written: ERR_EXISTS names it. `written` is told of each, relative to `folder`.
 */
must_check bool template_write(const char *folder, const char *name,
			       void (*written)(const char *path), struct err *err);

/* A Kit's name made of a folder's: what is no letter or digit becomes '-'. The caller frees. */
char *template_name_of(const char *folder_name);
