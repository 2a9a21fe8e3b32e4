// SPDX-License-Identifier: GPL-3.0-or-later
/* The file that a command was told to write; see output.h. */
#include "controller/package/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

static bool exists_already(const char *name, struct err *err)
{
	return err_set(err, ERR_EXISTS,
		       "%s exists already; remove it, or give --force to replace it", name);
}

static int open_folder_of(const char *path, const char *slash)
{
	auto_free char *folder = slash ? xstrndup(path, (size_t)(slash - path + 1)) : xstrdup(".");
	return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool output_open(struct output *output, const char *path, bool replace, struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	*output = (struct output){.fd = -1, .dir = open_folder_of(path, slash), .replace = replace};
	output->name = xstrdup(slash ? slash + 1 : path);
	if (output->dir < 0)
		return err_sys(err, errno, "cannot open the folder of %s", path);
	bool exists = fstatat(output->dir, output->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (exists && !S_ISREG(st.st_mode))
		return err_set(err, ERR_EXISTS, "%s exists and is no file", path);
	if (exists && !replace)
		return exists_already(path, err);
	output->temporary = xasprintf(".%d-%s", (int)getpid(), output->name);
	output->fd =
		openat(output->dir, output->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	return output->fd >= 0 || err_sys(err, errno, "cannot write beside %s", path);
}

bool output_publish(struct output *output, struct err *err)
{
	if (fsync(output->fd) < 0)
		return err_sys(err, errno, "cannot write %s to disk", output->name);
	if (renameat2(output->dir, output->temporary, output->dir, output->name,
		      output->replace ? 0 : RENAME_NOREPLACE) < 0)
		return errno == EEXIST
			       ? exists_already(output->name, err)
			       : err_sys(err, errno, "cannot give %s its name", output->name);
	fd_close(&output->fd);
	return true;
}

void output_drop(struct output *output)
{
	if (output->fd >= 0)
		(void)unlinkat(output->dir, output->temporary, 0);
	fd_close(&output->fd);
	fd_close(&output->dir);
	free(output->name);
	free(output->temporary);
	output->name = output->temporary = NULL;
}
