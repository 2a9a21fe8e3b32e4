// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The control groups of an app run. Where they are is noted in the run's folder, so that the next
 * `up` finds them when both the controller and the janitor were killed.
 */
#include <fcntl.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/app/app.h"

#define NOTE "cgroups"
#define NOTE_MAX (32 * KIB) // a few paths
#define PREFIX "capakit-"

static bool write_note(struct app *app, struct err *err)
{
	auto_buf struct buf text;
	buf_init(&text, NOTE_MAX);
	for (size_t i = 0; i < app->cgroup.n_folders; i++)
		buf_printf(&text, "%s\n", app->cgroup.folders[i].path);
	return path_write_atomic(app->run_dir, NOTE, buf_bytes(&text), buf_len(&text), 0600, err);
}

bool app_cgroups_make(struct app *app, struct err *err)
{
	auto_free char *name = xasprintf(PREFIX "%s", app->run_id);
	return cgroup_make_app(&app->cgroup, &app->cgroups, name, err) && write_note(app, err);
}

/* The last part of the path is the name of the run's group: nothing else is ever removed. */
static bool is_of_run(const char *path, const char *run_id)
{
	const char *slash = strrchr(path, '/');
	return slash && str_starts(slash + 1, PREFIX) && str_eq(slash + 1 + strlen(PREFIX), run_id);
}

bool app_cgroups_sweep(int run_root, const char *run_id)
{
	struct err err;
	auto_free char *name = xasprintf("%s/" NOTE, run_id);
	auto_free char *text = NULL;
	size_t len;
	auto_fd int note = path_open_beneath(run_root, name, O_RDONLY | O_CLOEXEC, 0, &err);
	if (note < 0 || !fd_read_all(note, NOTE_MAX, &text, &len, &err))
		return true; // it got no further than its folder
	char *rest = text;
	bool all = true;
	for (char *path; (path = strsep(&rest, "\n"));)
		if (is_of_run(path, run_id) && !cgroup_remove_tree(path)) {
			log_warn("cannot remove the cgroup %s of an earlier run", path);
			all = false;
		}
	return all;
}
