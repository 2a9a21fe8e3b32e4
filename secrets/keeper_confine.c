// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Opens what the keeper's row of the table is about (confine/table.h). The keeper has no use for
 * the network, other programs or other processes, so none of it is reachable even for somebody who
 * runs code inside it.
 */
#include "secrets/keeper_confine.h"

#include <errno.h>
#include <fcntl.h>

#include "base/fd.h"
#include "base/mem.h"
#include "confine/restrict.h"

bool keeper_confine(const struct keeper_folders *folders, struct err *err)
{
	const char *paths[] = {folders->secrets, folders->audit, "/dev/urandom"}; // as in the row
	struct confine_place places[array_len(paths)];
	size_t n = 0;
	bool ok = true;
	for (; ok && n < array_len(paths); n += ok) {
		places[n] = (struct confine_place){n, open(paths[n], O_PATH | O_CLOEXEC)};
		ok = places[n].fd >= 0 ||
		     err_sys(err, errno, "confining the keeper to %s", paths[n]);
	}
	ok = ok && confine_restrict(CONFINE_KEEPER, places, n, err);
	while (n > 0)
		fd_close(&places[--n].fd);
	return ok;
}
