// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The janitor removes what an app run leaves on disk: its runtime folder (sockets, views) and its
 * throwaway layers, and its control groups. It is a process of its own, so that it outlives the
 * controller, however that ends: it waits until the controller's end of a pipe is closed, then
 * removes, then exits. It keeps the app's lock and user ids taken until then. This is the only way
 * in which an app's folders and groups are removed. It is confined to just that (confine/table.h)
 * when janitor_start returns; the folders have to be there by then.
 */
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "controller/cgroup/cgroup.h"

struct janitor_folder {
	int parent; // open folder
	char *name; // in it
};

struct janitor {
	pid_t pid;
	int alive; // closing it starts the removal
};

struct janitor_work {
	const struct janitor_folder *folders;
	size_t n_folders;
	const struct cgroup *cgroup; // what is in it is ended; NULL: none
	const int *keep;	     // further descriptors that it holds until it is done
	size_t n_keep;
};

must_check bool janitor_start(struct janitor *janitor, const struct janitor_work *work,
			      struct err *err);

/* Lets it clean up and waits for it. False: it could not remove everything (it has said what). */
must_check bool janitor_finish(struct janitor *janitor, struct err *err);
