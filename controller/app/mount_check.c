// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A Kit that asks for "your home folder" would get with it the secret store and its key, and with
 * read_write the layers that other Kits run. Nobody who binds a folder expects that.
 */
#include "controller/app/mount_check.h"

#include <limits.h>

#include "base/mem.h"
#include "base/path.h"

static bool is_above(const char *a, const char *b)
{
	size_t len = str_eq(a, "/") ? 0 : strlen(a);
	return strncmp(a, b, len) == 0 && (b[len] == '/' || b[len] == '\0');
}

bool mount_overlaps(const char *a, const char *b)
{
	return is_above(a, b) || is_above(b, a);
}

bool mount_check(const char *folder, struct err *err)
{
	char *(*const own[])(struct err *) = {path_data_dir, path_state_dir, path_runtime_dir};
	for (size_t i = 0; i < array_len(own); i++) {
		auto_free char *path = own[i](err);
		auto_free char *real = path ? realpath(path, NULL) : NULL;
		if (!path)
			return false;
		if (real && mount_overlaps(folder, real))
			return err_set(
				err, ERR_DENIED,
				"it holds capakit's own files (%s), with secrets and with "
				"what other Kits run; bind a folder that holds only what this "
				"Kit needs",
				real);
	}
	return true;
}
