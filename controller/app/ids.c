// SPDX-License-Identifier: GPL-3.0-or-later
/* Takes user ids by locking bytes of /run/capakit/ids; see ids.h. */
#include "controller/app/ids.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

#define IDS_FOLDER "/run/capakit"

int ids_open(struct err *err)
{
	if (!path_make_dirs(IDS_FOLDER, 0755, err))
		return -1;
	int fd = open(IDS_FOLDER "/ids", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		err_sys(err, errno, "cannot open %s/ids", IDS_FOLDER);
	return fd;
}

uid_t ids_take(int ids, struct err *err)
{
	/* Locks of one open file never conflict with each other, so what this run took is skipped.
	 */
	static unsigned next;
	for (; next < IDS_COUNT; next++) {
		struct flock lock = {
			.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = next, .l_len = 1};
		if (fcntl(ids, F_OFD_SETLK, &lock) == 0)
			return IDS_FIRST + next++;
		if (errno != EAGAIN && errno != EACCES) {
			err_sys(err, errno, "cannot lock a user id in %s/ids", IDS_FOLDER);
			return 0;
		}
	}
	err_set(err, ERR_LIMIT, "all %u user ids of capakit are in use; stop an app", IDS_COUNT);
	return 0;
}
