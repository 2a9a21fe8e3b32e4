// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The store and the audit chain protect nothing if another user of the machine can read the key
 * or swap a file, for instance because a backup was restored with the wrong modes. So modes and
 * owners are looked at each time, on the open descriptor, and what is wrong is said.
 */
#include "secrets/private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"

static bool owner_and_mode(int fd, const char *path, mode_t type, mode_t wanted, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, errno, "looking at %s", path);
	if ((st.st_mode & S_IFMT) != type)
		return err_set(err, ERR_DENIED, "%s is not what it should be: move it away", path);
	if (st.st_uid != geteuid())
		return err_set(err, ERR_DENIED,
			       "%s belongs to user %u, not to you (%u): move it away", path,
			       st.st_uid, geteuid());
	if (st.st_mode & 077)
		return err_set(err, ERR_DENIED,
			       "%s is open to other users (mode %04o): run chmod %04o %s", path,
			       st.st_mode & 07777, wanted, path);
	return true;
}

bool private_file_check(int fd, const char *path, struct err *err)
{
	return owner_and_mode(fd, path, S_IFREG, 0600, err);
}

int private_folder(const char *parent, const char *name, char **path, struct err *err)
{
	auto_free char *full = xasprintf("%s/%s", parent, name);
	auto_fd int fd = -1;

	if (!path_make_dirs(full, 0700, err))
		return -1;
	fd = open(full, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		err_sys(err, errno, "opening the folder %s", full);
		return -1;
	}
	if (!owner_and_mode(fd, full, S_IFDIR, 0700, err))
		return -1;
	if (path && !(*path = realpath(full, NULL))) {
		err_sys(err, errno, "looking for the folder %s", full);
		return -1;
	}
	return take_fd(&fd);
}
