// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The folders of an app:
 *   <state>/apps/<hash>/     lock, port, logs/        kept from run to run
 *   <state>/runs/<run id>/   lock, throwaway layers   removed by the janitor
 *   <runtime>/<hash>/        control.sock, views      removed by the janitor
 * The lock says that the app runs; the janitor keeps it until everything is gone. A run folder
 * whose lock is free was left by a run whose janitor was killed too: the next `up` removes it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "controller/app/app.h"
#include "controller/app/ids.h"
#include "controller/app/plan_environment.h"
#include "controller/app/plan_layer.h"
#include "controller/control/app_folder.h"
#include "controller/control/discover.h"
#include "controller/store/store.h"

#define LOCK_TRIES 100 // of 20 ms: an app that has just ended may still be cleaned up
#define LOCK_PAUSE_NS (20 * 1000 * 1000L)

static int open_folder(int parent, const char *name, mode_t mode, struct err *err)
{
	if (mkdirat(parent, name, mode) < 0 && errno != EEXIST) {
		err_sys(err, errno, "cannot make the folder %s", name);
		return -1;
	}
	return path_open_beneath(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
}

static int open_root(char *path, struct err *err)
{
	return path ? path_open_absolute(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, err) : -1;
}

static int open_lock(int dir, struct err *err)
{
	return path_open_beneath(dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600, err);
}

static bool answers(const char *app)
{
	struct err ignored;
	auto_fd int folder = discover_app(app, &ignored);
	return folder >= 0;
}

static bool take_lock(struct app *app, struct err *err)
{
	app->lock = open_lock(app->app_state_dir, err);
	if (app->lock < 0)
		return false;
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(app->lock, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno != EWOULDBLOCK)
			return err_sys(err, errno, "cannot lock app %s", app->name);
		if (answers(app->name))
			break;
		nanosleep(&(struct timespec){.tv_nsec = LOCK_PAUSE_NS}, NULL);
	}
	return err_set(
		err, ERR_EXISTS,
		"app %s runs already; stop it with `capakit down %s`, or start this one under "
		"another name with --name",
		app->name, app->name);
}

bool app_folders_lock(struct app *app, struct err *err)
{
	auto_free char *hash = app_folder_name(app->name);
	app->apps_root = open_folder(app->state_dir, "apps", 0700, err);
	if (app->apps_root < 0)
		return false;
	app->app_state_dir = open_folder(app->apps_root, hash, 0700, err);
	if (app->app_state_dir < 0)
		return false;
	app->log_dir = open_folder(app->app_state_dir, "logs", 0700, err);
	return app->log_dir >= 0 && take_lock(app, err);
}

/* What cannot be deleted now is deleted by another `up`. */
static bool open_store(struct app *app, struct err *err)
{
	struct err left;
	if (!store_sweep(app->state_dir, &left))
		log_warn("cannot clean up the state folder: %s", left.text);
	app->store_lock = store_lock_shared(app->state_dir, err);
	return app->store_lock >= 0;
}

bool app_folders_open(struct app *app, struct err *err)
{
	auto_free char *runtime = path_runtime_dir(err);
	if (!runtime)
		return false;
	app->runtime_root = open_root(runtime, err);
	app->state_path = path_state_dir(err);
	app->state_dir = open_root(app->state_path, err);
	if (app->runtime_root < 0 || app->state_dir < 0 || !open_store(app, err))
		return false;
	auto_free char *hash = app_folder_name(app->name);
	app->run_root = open_folder(app->state_dir, "runs", 0700, err);
	app->runtime_path = xasprintf("%s/%s", runtime, hash);
	app->run_path = xasprintf("%s/runs/%s", app->state_path, app->run_id);
	app->log_path = xasprintf("%s/apps/%s/logs", app->state_path, hash);
	return app->run_root >= 0;
}

/* Called with the root of all runs locked, so that no other `up` is making its folder meanwhile. */
static void sweep_runs(struct app *app)
{
	auto_fd int copy = openat(app->run_root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
	if (!list)
		return;
	take_fd(&copy); // closed with the list
	for (struct dirent *entry; (entry = readdir(list));) {
		struct err err;
		if (entry->d_name[0] == '.')
			continue;
		if (!uses_run_is_over(app->run_root, entry->d_name) ||
		    !app_cgroups_sweep(app->run_root, entry->d_name))
			continue;
		if (!path_remove_tree(app->run_root, entry->d_name, &err))
			log_warn("cannot remove what an earlier run left: %s", err.text);
	}
	closedir(list);
}

static bool make_run_folder(struct app *app, struct err *err)
{
	app->run_dir = open_folder(app->run_root, app->run_id, 0700, err);
	if (app->run_dir < 0)
		return false;
	app->run_lock = open_lock(app->run_dir, err);
	if (app->run_lock < 0)
		return false;
	if (flock(app->run_lock, LOCK_EX | LOCK_NB) < 0)
		return err_sys(err, errno, "cannot lock the run's folder");
	return true;
}

/* From now on nobody removes what the app uses, so the store may be used by others. */
static bool note_uses(struct app *app, struct err *err)
{
	struct store_uses uses = {0};
	plan_uses(app->plan, &uses);
	bool ok = uses_write(app->run_lock, &uses, err);
	uses_free(&uses);
	fd_close(&app->store_lock);
	return ok;
}

static bool start_janitor(struct app *app, const char *hash, struct err *err)
{
	auto_free char *name = xstrdup(hash);
	struct janitor_folder folders[] = {
		{.parent = app->runtime_root, .name = name},
		{.parent = app->run_root, .name = app->run_id},
		{.parent = app->apps_root, .name = name}, // a command's name never comes again
	};
	int keep[] = {app->lock, app->run_lock, app->ids};
	struct janitor_work work = {
		.folders = folders,
		.n_folders = app->exec ? array_len(folders) : array_len(folders) - 1,
		.cgroup = &app->cgroup,
		.keep = keep,
		.n_keep = array_len(keep),
	};
	return janitor_start(&app->janitor, &work, err);
}

/* A view: ingress/ is the workload's to write, connect/ and the bridge's socket are not. */
static bool make_view(struct app *app, struct app_sidecar *sidecar, const char *name,
		      struct err *err)
{
	sidecar->view = open_folder(app->runtime_dir, name, 0755, err);
	if (sidecar->view < 0 || !sidecar->plan)
		return sidecar->view >= 0;
	auto_fd int connect = open_folder(sidecar->view, "connect", 0755, err);
	sidecar->ingress = open_folder(sidecar->view, "ingress", 0700, err);
	if (connect < 0 || sidecar->ingress < 0)
		return false;
	const struct plan_workload *plan = sidecar->plan;
	if (plan->uid && (fchown(sidecar->ingress, plan->uid, plan->sidecar_uid) < 0 ||
			  fchmod(sidecar->ingress, 02770) < 0))
		return err_sys(err, errno, "cannot give the ingress folder to its workload");
	return true;
}

static bool make_views(struct app *app, struct err *err)
{
	for (size_t i = 0; i < app->plan->n_workloads; i++) {
		char name[24];
		snprintf(name, sizeof(name), "%zu", i);
		if (!make_view(app, &app->workloads[i].sidecar, name, err))
			return false;
	}
	return make_view(app, &app->edge, "edge", err) &&
	       (!app->tester.plan || make_view(app, &app->tester, "test", err));
}

bool app_folders_make(struct app *app, struct err *err)
{
	auto_free char *hash = app_folder_name(app->name);
	if (flock(app->run_root, LOCK_EX) < 0)
		return err_sys(err, errno, "cannot lock the folder of all runs");
	sweep_runs(app);
	bool made = make_run_folder(app, err) && note_uses(app, err) && app_cgroups_make(app, err);
	flock(app->run_root, LOCK_UN);
	/* The app's lock is ours: what is there now was left by a run that could not clean up. */
	if (!made || !path_remove_tree(app->runtime_root, hash, err))
		return false;
	app->runtime_dir = open_folder(app->runtime_root, hash, 0700, err);
	return app->runtime_dir >= 0 && start_janitor(app, hash, err) && make_views(app, err);
}

bool app_folders_layer(struct app *app, const char *workload, const char *phase, struct err *err)
{
	auto_free char *name = xasprintf("%s.%s", workload, phase);
	if (!path_remove_tree(app->run_dir, name, err))
		return false;
	auto_fd int folder = open_folder(app->run_dir, name, 0700, err);
	if (folder < 0)
		return false;
	auto_fd int upper = open_folder(folder, "upper", 0755, err);
	auto_fd int work = open_folder(folder, "work", 0755, err);
	return upper >= 0 && work >= 0;
}

int app_folders_upper(const struct app *app, const char *workload, const char *phase,
		      struct err *err)
{
	auto_free char *name = xasprintf("%s.%s/upper", workload, phase);
	return path_open_beneath(app->run_dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, err);
}

/* What the janitor could not: somebody killed it. */
static void remove_folders(struct app *app)
{
	struct err err;
	auto_free char *hash = app_folder_name(app->name);
	if (!path_remove_tree(app->runtime_root, hash, &err) ||
	    !path_remove_tree(app->run_root, app->run_id, &err))
		log_error("cannot clean up: %s", err.text);
	for (size_t i = 0; i < app->cgroup.n_folders; i++)
		if (!cgroup_remove_tree(app->cgroup.folders[i].path))
			log_error("cannot clean up: the cgroup %s stays",
				  app->cgroup.folders[i].path);
}

void app_folders_close(struct app *app)
{
	struct err err;
	if (!janitor_finish(&app->janitor, &err)) {
		log_warn("%s; trying once more", err.text);
		remove_folders(app);
	}
	cgroup_remove(&app->cgroup); // it is there still if no janitor was started
	int *fds[] = {&app->runtime_dir, &app->run_dir,	     &app->run_lock, &app->log_dir,
		      &app->lock,	 &app->apps_root,    &app->run_root, &app->app_state_dir,
		      &app->state_dir,	 &app->runtime_root, &app->ids,	     &app->store_lock};
	for (size_t i = 0; i < array_len(fds); i++)
		fd_close(fds[i]);
	char **paths[] = {&app->state_path, &app->run_path, &app->runtime_path, &app->log_path};
	for (size_t i = 0; i < array_len(paths); i++) {
		free(*paths[i]);
		*paths[i] = NULL;
	}
}
