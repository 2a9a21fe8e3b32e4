// SPDX-License-Identifier: GPL-3.0-or-later
/* Opens and closes the place where a source is fetched; see workshop.h. */
#include "controller/sources/workshop.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/app/ids.h"

static void block_signals(struct workshop *workshop)
{
	sigemptyset(&workshop->signals);
	sigaddset(&workshop->signals, SIGINT);
	sigaddset(&workshop->signals, SIGTERM);
	sigaddset(&workshop->signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &workshop->signals, &workshop->before);
	workshop->blocked = true;
}

static bool open_state(struct workshop *workshop, struct err *err)
{
	workshop->state_path = path_state_dir(err);
	if (!workshop->state_path)
		return false;
	workshop->state =
		path_open_absolute(workshop->state_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, err);
	if (workshop->state < 0)
		return false;
	if (mkdirat(workshop->state, "runs", 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "cannot make the folder runs in %s",
			       workshop->state_path);
	workshop->runs = path_open_beneath(workshop->state, "runs",
					   O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	return workshop->runs >= 0;
}

/* Locked like the folder of an app run, before `up` may take it for one that was left behind. */
static bool make_folder(struct workshop *workshop, struct err *err)
{
	if (mkdirat(workshop->runs, workshop->id, 0700) < 0)
		return err_sys(err, errno, "cannot make the folder %s", workshop->path);
	workshop->dir = path_open_beneath(workshop->runs, workshop->id,
					  O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
	if (workshop->dir < 0)
		return false;
	workshop->lock =
		path_open_beneath(workshop->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600, err);
	if (workshop->lock < 0)
		return false;
	if (flock(workshop->lock, LOCK_EX | LOCK_NB) < 0)
		return err_sys(err, errno, "cannot lock %s", workshop->path);
	if (!fd_write_all(workshop->lock, "\n", 1, err)) // it uses nothing of the store (uses.h)
		return false;
	auto_free char *egress = workshop_folder(workshop, "egress", err);
	workshop->egress = openat(workshop->dir, "egress", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return egress && workshop->egress >= 0;
}

static bool open_folder(struct workshop *workshop, struct err *err)
{
	if (!name_random_id(workshop->id, err))
		return false;
	workshop->path = xasprintf("%s/runs/%s", workshop->state_path, workshop->id);
	if (flock(workshop->runs, LOCK_EX) < 0)
		return err_sys(err, errno, "cannot lock the folder of all runs");
	bool made = make_folder(workshop, err);
	flock(workshop->runs, LOCK_UN);
	return made;
}

static bool take_users(struct workshop *workshop, struct err *err)
{
	if (getuid() != 0)
		return true;
	workshop->ids = ids_open(err);
	if (workshop->ids < 0)
		return false;
	workshop->uid = ids_take(workshop->ids, err);
	if (!workshop->uid)
		return false;
	workshop->egress_uid = ids_take(workshop->ids, err);
	return workshop->egress_uid != 0;
}

static bool find_programs(struct workshop *workshop, struct err *err)
{
	workshop->sandbox_program = path_helper_program("capakit-sandbox", err);
	if (!workshop->sandbox_program)
		return false;
	workshop->sidecar_program = path_helper_program("capakit-sidecar", err);
	if (!workshop->sidecar_program)
		return false;
	auto_free char *unpack = path_helper_program("capakit-unpack", err);
	if (!unpack)
		return false;
	workshop->unpack_program = realpath(unpack, NULL);
	return workshop->unpack_program || err_sys(err, errno, "cannot find %s", unpack);
}

bool workshop_open(struct workshop *workshop, struct err *err)
{
	*workshop = (struct workshop){
		.state = -1, .dir = -1, .lock = -1, .runs = -1, .egress = -1, .ids = -1};
	block_signals(workshop);
	workshop->mask = umask(022);
	return find_programs(workshop, err) && open_state(workshop, err) &&
	       open_folder(workshop, err) && take_users(workshop, err) &&
	       upstreams_from_environment(&workshop->upstreams, err);
}

void workshop_close(struct workshop *workshop)
{
	struct err err;
	if (workshop->dir >= 0 && !path_remove_tree(workshop->runs, workshop->id, &err))
		log_warn("cannot remove %s: %s", workshop->path, err.text);
	int *fds[] = {&workshop->dir,	 &workshop->lock,  &workshop->runs,
		      &workshop->egress, &workshop->state, &workshop->ids};
	for (size_t i = 0; i < array_len(fds); i++)
		fd_close(fds[i]);
	char **texts[] = {&workshop->state_path, &workshop->path, &workshop->sandbox_program,
			  &workshop->sidecar_program, &workshop->unpack_program};
	for (size_t i = 0; i < array_len(texts); i++) {
		free(*texts[i]);
		*texts[i] = NULL;
	}
	upstreams_free(&workshop->upstreams);
	umask(workshop->mask);
	if (workshop->blocked)
		sigprocmask(SIG_SETMASK, &workshop->before, NULL);
	workshop->blocked = false;
}

char *workshop_folder(const struct workshop *workshop, const char *name, struct err *err)
{
	if (mkdirat(workshop->dir, name, 0755) < 0) {
		err_sys(err, errno, "cannot make the folder %s/%s", workshop->path, name);
		return NULL;
	}
	return xasprintf("%s/%s", workshop->path, name);
}
