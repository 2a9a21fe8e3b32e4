// SPDX-License-Identifier: GPL-3.0-or-later
/* Where the doctor tries things: what it makes is removed, and needs no name of an app. */
#include "controller/doctor/laboratory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/app/ids.h"

static bool take_user(struct laboratory *laboratory, struct err *err)
{
	if (geteuid() != 0)
		return true;
	laboratory->ids = ids_open(err);
	return laboratory->ids >= 0 && (laboratory->uid = ids_take(laboratory->ids, err)) != 0;
}

bool laboratory_open(struct laboratory *laboratory, struct err *err)
{
	auto_free char *state = path_state_dir(err);
	auto_free char *real = state ? realpath(state, NULL) : NULL;

	if (!state)
		return false;
	if (!real)
		return err_sys(err, errno, "cannot open %s", state);
	if (!take_user(laboratory, err))
		return false;
	laboratory->state = open(real, O_DIRECTORY | O_CLOEXEC);
	if (laboratory->state < 0)
		return err_sys(err, errno, "cannot open %s", real);
	snprintf(laboratory->name, sizeof(laboratory->name), "doctor.%d", (int)getpid());
	laboratory->path = xasprintf("%s/%s", real, laboratory->name);
	return path_make_dirs(laboratory->path, 0700, err);
}

char *laboratory_folder(const struct laboratory *laboratory, const char *name, struct err *err)
{
	auto_free char *path = xasprintf("%s/%s", laboratory->path, name);

	return path_make_dirs(path, 0755, err) ? take_ptr(&path) : NULL;
}

void laboratory_close(struct laboratory *laboratory)
{
	struct err ignored;

	// What cannot be removed hinders nobody; the next laboratory has another name.
	if (laboratory->state >= 0)
		(void)!path_remove_tree(laboratory->state, laboratory->name, &ignored);
	fd_close(&laboratory->state);
	fd_close(&laboratory->ids);
	free(laboratory->path);
	laboratory->path = NULL;
}
